"""`python -m lotwatch_writer`."""

from lotwatch_writer.cli import main

if __name__ == "__main__":
    main(prog_name="lotwatch-writer")
