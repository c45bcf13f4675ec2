"""Questions to a student's work and the ways to have them answered."""
