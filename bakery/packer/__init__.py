"""What runs Packer: the program, its template, a supervised run of it."""
