"""The ways to a running board from outside: what boards offer over the network, USB and radio."""
