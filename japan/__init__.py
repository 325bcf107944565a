"""What every part of Banken knows of Japan: eras, check digits.  Imports nothing of Banken."""
