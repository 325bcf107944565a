"""What every part of Banken knows of Japan: eras, check digits, postal codes.  Imports nothing of Banken."""
