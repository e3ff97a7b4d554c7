"""The Lambda executor: runs deployed zips under awslambdaric, in processes of their own."""

from chalice.cloud.functions.attachment import Attachment as Attachment
from chalice.cloud.functions.executor import Executor as Executor
from chalice.cloud.functions.function import Credentials as Credentials
from chalice.cloud.functions.function import FunctionConfig as FunctionConfig
from chalice.cloud.functions.function import Invocation as Invocation
from chalice.cloud.functions.function import LayerZip as LayerZip
from chalice.cloud.functions.logs import LogBatch as LogBatch
from chalice.cloud.functions.logs import LogEvent as LogEvent
