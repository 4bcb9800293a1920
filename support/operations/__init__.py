"""What people and machines do with conversations; each verb locks the conversation and derives its clock anew."""
