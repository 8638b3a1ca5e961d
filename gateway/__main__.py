"""`python -m gateway` is `lotwatch`."""

from gateway.cli import main

if __name__ == "__main__":
    main(prog_name="lotwatch")
