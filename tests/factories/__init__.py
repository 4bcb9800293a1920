"""The smallest valid objects, without surprises."""
