"""`python -m suixin` is the command line."""

from suixin.cli import main

if __name__ == "__main__":
    main()
