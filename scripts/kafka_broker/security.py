"""A broker as in production, for tests: TLS, logins, and no right that is not granted."""
import os
import subprocess
import uuid

from kafka_broker.errors import BrokerError, require

USERS = ("roster-command-service", "roster-projector")
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
# SASL: a user and a password over TLS. MTLS: a client's certificate. The others have a certificate that no client should
# take. BROKER stays in plain text: who comes by it is the administrator.
LISTENERS = {"SASL": "SASL_SSL", "MTLS": "SSL", "EXPIRED": "SASL_SSL", "OTHERNAME": "SASL_SSL"}
OWN_CERTIFICATES = ("expired", "othername")

PROPERTIES = """authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:ANONYMOUS
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/,DEFAULT
listener.name.mtls.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512,PLAIN
"""


def openssl(folder, *arguments):
    done = subprocess.run(["openssl", *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise BrokerError(f"openssl {arguments[0]} failed:\n" + done.stdout.decode(errors="replace"))


def make_certificate(folder, name, alternative_name, days=30):
    """NAME.key and NAME.pem of the authority in ca.pem."""
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.request", "-subj", f"/CN={name}")
    (folder / f"{name}.extensions").write_text(f"subjectAltName={alternative_name}\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.request", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", f"{name}.pem", "-days", str(days), "-extfile", f"{name}.extensions")


def make_keystore(folder, name):
    (folder / f"{name}.keystore.pem").write_text((folder / f"{name}.key").read_text() +
                                                 (folder / f"{name}.pem").read_text())


def make_secrets(folder):
    """ca.pem; USER.password, USER.pem and USER.key for each user; the broker's own."""
    require("openssl", "openssl")
    folder.mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
            "-out", "ca.pem", "-subj", "/CN=an authority for tests", "-days", "30")
    make_certificate(folder, "broker", "IP:127.0.0.1")
    make_certificate(folder, "expired", "IP:127.0.0.1", days=0)
    make_certificate(folder, "othername", "DNS:other.example.com")
    for name in ("broker", *OWN_CERTIFICATES):
        make_keystore(folder, name)
    for user in USERS:
        make_certificate(folder, user, f"DNS:{user}")
        (folder / f"{user}.password").write_text(uuid.uuid4().hex + "\n")


def password(folder, user):
    return (folder / f"{user}.password").read_text().strip()


def security_properties(folder):
    lines = [PROPERTIES.format(folder=folder)]
    for name in OWN_CERTIFICATES:
        lines.append(f"listener.name.{name}.ssl.keystore.type=PEM\n"
                     f"listener.name.{name}.ssl.keystore.location={folder}/{name}.keystore.pem\n")
    plain = " ".join(f'user_{user}="{password(folder, user)}"' for user in USERS)
    modules = {mechanism.lower(): "scram.ScramLoginModule required" for mechanism in SCRAM}
    modules["plain"] = f"plain.PlainLoginModule required {plain}"
    for listener, protocol in LISTENERS.items():
        if protocol != "SASL_SSL":
            continue
        for mechanism, module in modules.items():
            lines.append(f"listener.name.{listener.lower()}.{mechanism}.sasl.jaas.config="
                         f"org.apache.kafka.common.security.{module};\n")
    return "".join(lines)


def scram_options(folder):
    """Of StorageTool."""
    return [f"--add-scram={mechanism}=[name={user},password={password(folder, user)}]"
            for mechanism in SCRAM for user in USERS]
