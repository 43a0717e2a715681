"""What a broker of tests is told."""

# auto.create.topics.enable off: a topic with a broker's default settings would lose events after a week.
# message.max.bytes: tests put values of some megabytes on the topic.
# broker.session.timeout.ms: how long a killed broker's successor waits before it is let in, and its partitions wait for
# another leader.
TEMPLATE = """process.roles=broker,controller
node.id={node}
listeners={listeners}
advertised.listeners={advertised}
listener.security.protocol.map={protocols}
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
controller.quorum.voters={voters}
log.dirs={data}
auto.create.topics.enable=false
message.max.bytes=16777216
num.partitions=1
default.replication.factor={replicas}
min.insync.replicas={in_sync}
offsets.topic.num.partitions=3
offsets.topic.replication.factor={replicas}
transaction.state.log.num.partitions=5
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={in_sync}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.backoff.ms=500
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""

# Kafka 4 logs with log4j2, Kafka 3 with reload4j.
LOG_SETTINGS = {
    "log4j2.yaml": """Configuration:
  Appenders:
    Console: {name: out, target: SYSTEM_OUT, PatternLayout: {pattern: "%d %p %m (%c)%n"}}
  Loggers:
    Root: {level: WARN, AppenderRef: {ref: out}}
    Logger: {name: kafka.server.KafkaRaftServer, level: INFO}
""",
    "log4j.properties": """log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %m (%c)%n
log4j.logger.kafka.server.KafkaRaftServer=INFO
""",
}


def log_flags(folder):
    return [f"-Dlog4j2.configurationFile=file:{folder}/log4j2.yaml",
            f"-Dlog4j.configuration=file:{folder}/log4j.properties"]


def server_properties(node, data, ports, voters, listeners):
    """`ports`: BROKER's and CONTROLLER's. `listeners`, further ones: {name: (port, advertised port, protocol)}."""
    bound = {"BROKER": ports["BROKER"], **{name: port for name, (port, _, _) in listeners.items()}}
    advertised = {"BROKER": ports["BROKER"], **{name: port for name, (_, port, _) in listeners.items()}}
    protocols = {"BROKER": "PLAINTEXT", "CONTROLLER": "PLAINTEXT",
                 **{name: protocol for name, (_, _, protocol) in listeners.items()}}

    def addresses(of):
        return ",".join(f"{name}://127.0.0.1:{port}" for name, port in of.items())
    return TEMPLATE.format(
        node=node,
        listeners=addresses({**bound, "CONTROLLER": ports["CONTROLLER"]}),
        advertised=addresses(advertised),
        protocols=",".join(f"{name}:{protocol}" for name, protocol in protocols.items()),
        voters=",".join(f"{voter}@127.0.0.1:{port}" for voter, port in voters.items()),
        data=data,
        replicas=3 if len(voters) >= 3 else 1,
        in_sync=2 if len(voters) >= 3 else 1)
