"""A command service that stands by, and names the leader."""

from __future__ import annotations

from concurrent import futures
from typing import NoReturn

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2

from roster import v1
from roster.v1.user_command_service_pb2_grpc import UserCommandServiceServicer, add_UserCommandServiceServicer_to_server


class _Standby(UserCommandServiceServicer):
    def __init__(self, leader: str) -> None:
        self.calls = 0
        detail = Any()
        detail.Pack(error_details_pb2.ErrorInfo(reason="NOT_LEADER", domain="roster.v1", metadata={"leader": leader}))
        self._refusal = status_pb2.Status(code=14, message="stands by", details=[detail])

    def SignUpUser(self, request: v1.SignUpUserRequest, context: grpc.ServicerContext) -> NoReturn:
        self.calls += 1
        context.set_trailing_metadata((("grpc-status-details-bin", self._refusal.SerializeToString()),))
        context.abort(grpc.StatusCode.UNAVAILABLE, self._refusal.message)
        raise AssertionError("abort raises")


class FakeStandby:
    def __init__(self, leader: str) -> None:
        # What is not called need not be there.
        self._standby = _Standby(leader)  # type: ignore[abstract]
        self._server = grpc.server(futures.ThreadPoolExecutor(1))
        add_UserCommandServiceServicer_to_server(self._standby, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    @property
    def calls(self) -> int:
        return self._standby.calls

    def close(self) -> None:
        self._server.stop(None).wait()
