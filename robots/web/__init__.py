"""The pages of the DX office and of the desk: server-rendered, for people who have signed in."""
