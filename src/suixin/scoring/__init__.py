"""From features to a score: the expert card now, trained models beside it later."""
