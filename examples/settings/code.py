# Reads its settings from settings.toml beside it.
import os

greeting = os.getenv("GREETING", "Hello")
times = int(os.getenv("GREETING_TIMES"))

for _ in range(times):
    print(greeting)
print("not set:", os.getenv("NOBODY_SET_THIS"))
