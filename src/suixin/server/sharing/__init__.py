"""Consents as a bank keeps them: asked, answered, used, withdrawn; a receipt of each use."""
