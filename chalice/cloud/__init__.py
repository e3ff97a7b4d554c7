"""The embedded cloud: AWS on this machine, as a process in the background.

```python
running = ensure_running(default_home(os.environ), say=print)
running.endpoint_url   # http://127.0.0.1:4580: AWS calls, any credentials
running.gateway_url    # http://127.0.0.1:4581: /<api-id>/<stage>/…, the deployed REST APIs
```

This module is what other parts use. It starts, finds and stops the process, and imports none of
what runs in it.
"""

from chalice.cloud.client import CloudReport as CloudReport
from chalice.cloud.client import CloudSilence as CloudSilence
from chalice.cloud.client import CloudStatus as CloudStatus
from chalice.cloud.client import enforce_iam as enforce_iam
from chalice.cloud.client import ensure_running as ensure_running
from chalice.cloud.client import report as report
from chalice.cloud.client import run_in_foreground as run_in_foreground
from chalice.cloud.client import silence as silence
from chalice.cloud.client import status as status
from chalice.cloud.client import stop as stop
from chalice.cloud.home import default_home as default_home
from chalice.cloud.log_file import follow_logs as follow_logs
from chalice.cloud.log_file import logs_path as logs_path
from chalice.cloud.log_file import read_logs as read_logs
from chalice.cloud.spawn import python_path as python_path
