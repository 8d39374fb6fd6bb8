"""One file a verb: check who may, do, write it down."""
