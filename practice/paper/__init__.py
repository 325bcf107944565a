"""Paper for practice: fills a form's blank as people do and scans it as scanners do, always the same for the same seed."""
