"""The catalog page: one file that shows what a stack has published, made of its contracts."""
