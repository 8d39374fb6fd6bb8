"""What others are to be told, written in the transaction that makes it true."""
