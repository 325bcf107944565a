"""Making the character networks: fetch data, draw sheets, train, calibrate.  Nothing here runs where forms are read."""
