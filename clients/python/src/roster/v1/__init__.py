from roster.v1.error_reason_pb2 import *
from roster.v1.user_command_service_pb2 import *
from roster.v1.user_event_pb2 import *
from roster.v1.user_pb2 import *
from roster.v1.user_query_service_pb2 import *
