"""The workflows of GitHub Actions: their rules, and every shell step, run."""
