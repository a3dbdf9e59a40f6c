"""A certificate authority for one test run."""

import datetime
import ipaddress
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _write(path, data, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(data)
    return path


def _pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Authority:
    """Signs server and client certificates; `ca` is its own certificate's file."""

    def __init__(self, folder, name="Postern test authority"):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(name)
        now = datetime.datetime.now(datetime.timezone.utc)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(self.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        self.ca = _write(
            f"{self.folder}/ca.crt", self.certificate.public_bytes(serialization.Encoding.PEM), 0o644
        )

    def issue(self, name, common_name="localhost", hosts=("localhost",), addresses=("127.0.0.1",)):
        """Makes NAME.crt and NAME.key and returns their paths."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.timezone.utc)
        names = [x509.DNSName(host) for host in hosts]
        names += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(common_name))
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=2))
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        return (
            _write(
                f"{self.folder}/{name}.crt", certificate.public_bytes(serialization.Encoding.PEM), 0o644
            ),
            _write(f"{self.folder}/{name}.key", _pem(key)),
        )

    def issue_client(self, name, subject="CN=runner-1,O=Acme", names=(), usage="client", expired=False):
        """Makes a client's certificate and returns what libpq takes of it; `subject` is written as RFC 4514 has it."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.timezone.utc)
        end = now - datetime.timedelta(minutes=5) if expired else now + datetime.timedelta(days=1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name.from_rfc4514_string(subject))
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(end)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        usages = {"client": ExtendedKeyUsageOID.CLIENT_AUTH, "server": ExtendedKeyUsageOID.SERVER_AUTH}
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usages[usage]]), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        path = f"{self.folder}/{name}"
        return {
            "sslcert": _write(f"{path}.crt", certificate.public_bytes(serialization.Encoding.PEM), 0o644),
            "sslkey": _write(f"{path}.key", _pem(key)),
        }
