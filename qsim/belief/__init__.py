"""Who held what on each day, how sure, who says so: from claims to belief, and what is asked of it."""
