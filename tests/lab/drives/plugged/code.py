# Says who may write the drive, each time that changes.
import time

import storage

was = None
while True:
    if (now := storage.getmount("/").readonly) != was:
        was = now
        print("read only:", now, flush=True)
    time.sleep(0.05)
