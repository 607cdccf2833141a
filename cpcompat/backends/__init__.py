"""The ways to hardware. A board's file names the one that drives it."""
