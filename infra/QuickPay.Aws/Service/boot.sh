#!/bin/bash
# What a new instance does with its programs: `boot.sh HOST STACK GROUP REGION`, once, from the launch template's user data; and before each start of
# the host, `boot.sh secrets`, so that they are those of now; and every few minutes `boot.sh passwords`, since what a database takes in place of a
# password is a token of a quarter of an hour. All are kept in memory alone (/run), for the host's user to read.
set -euo pipefail

# Tests put another folder before every path.
root=${QUICKPAY_ROOT:-}
etc=$root/etc/quickpay
run=$root/run/quickpay
here=$root/opt/quickpay
ready_within=300

fetch() { aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text; }

prepare() {
  umask 077
  AWS_DEFAULT_REGION=$(<"$etc/region")
  export AWS_DEFAULT_REGION
  mkdir -p "$run"
  chown quickpay: "$run"
}

secrets() {
  cp "$etc/environment" "$run/environment.next"
  local line value
  while IFS= read -r line; do
    [[ -n $line ]] || continue
    # By itself: set -e does not see what fails inside an argument.
    value=$(fetch "${line#*=}")
    printf '%s=%s\n' "${line%%=*}" "$value" >>"$run/environment.next"
  done <"$etc/secrets"
  while IFS= read -r line; do
    [[ -n $line ]] || continue
    fetch "${line#*=}" >"$run/${line%%=*}"
    chown quickpay: "$run/${line%%=*}"
    printf '%s=%s\n' "${line%%=*}" "$run/${line%%=*}" >>"$run/environment.next"
  done <"$etc/secret-files"
  chown quickpay: "$run/environment.next"
  # Whole or not at all.
  mv "$run/environment.next" "$run/environment"
}

# Each line there is `host:port:database:role`, to which libpq's form of such files adds the password.
passwords() {
  local line host port database role token
  # The host's start may do the same at this time.
  next=$(mktemp "$run/passwords.XXXXXX")
  trap 'rm -f "$next"' EXIT
  while IFS= read -r line; do
    [[ -n $line ]] || continue
    IFS=: read -r host port database role <<<"$line"
    token=$(aws rds generate-db-auth-token --hostname "$host" --port "$port" --username "$role")
    token=${token//\\/\\\\}
    printf '%s:%s\n' "$line" "${token//:/\\:}" >>"$next"
  done <"$etc/database-logins"
  chown quickpay: "$next"
  mv "$next" "$run/passwords"
}

install_agent() {
  dnf install --quiet --assumeyes amazon-cloudwatch-agent
  sed "s|{LOG_GROUP}|$1|" "$here/agent.json" >"$root/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json"
  systemctl enable --now amazon-cloudwatch-agent
}

install_host() {
  id quickpay &>/dev/null || useradd --system --shell /sbin/nologin quickpay
  install --directory --owner quickpay --mode 0750 "$root/var/log/quickpay"
  cat >"$root/etc/systemd/system/quickpay.service" <<UNIT
[Unit]
Description=$1
After=network-online.target
Wants=network-online.target
# However often it fails, it is tried again.
StartLimitIntervalSec=0

[Service]
User=quickpay
ExecStartPre=+$here/boot.sh secrets
EnvironmentFile=-$run/environment
ExecStart=$here/$1/$1
StandardOutput=append:$root/var/log/quickpay/host.log
StandardError=inherit
Restart=always
RestartSec=1
# It finishes what it has begun: 25 s at most.
TimeoutStopSec=30
LimitNOFILE=65536
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ReadWritePaths=$root/var/log/quickpay

[Install]
WantedBy=multi-user.target
UNIT
  cat >"$root/etc/logrotate.d/quickpay" <<ROTATE
$root/var/log/quickpay/host.log {
    size 100M
    rotate 3
    compress
    copytruncate
}
ROTATE
  cat >"$root/etc/systemd/system/quickpay-passwords.service" <<UNIT
[Unit]
Description=Tokens by which the host logs in at its databases

[Service]
Type=oneshot
ExecStart=$here/boot.sh passwords
StandardError=append:$root/var/log/quickpay/host.log
TimeoutStartSec=60
# What members wait for comes first.
Nice=10
UNIT
  # A token is good for 15 minutes, or until the keys that signed it run out: the instance gets new ones 5 minutes before.
  cat >"$root/etc/systemd/system/quickpay-passwords.timer" <<UNIT
[Unit]
Description=New tokens before the old ones run out

[Timer]
OnActiveSec=4min
OnUnitActiveSec=4min
AccuracySec=5s

[Install]
WantedBy=timers.target
UNIT
  systemctl daemon-reload
  systemctl enable --now quickpay quickpay-passwords.timer
}

await_ready() {
  local url=$1 left=$ready_within
  until curl --silent --fail --max-time 2 --output /dev/null "$url"; do
    ((left -= 2)) || true
    if ((left <= 0)); then
      echo "It is not ready after $ready_within s: $url" >&2
      return 1
    fi
    sleep 2
  done
}

case ${1:-} in
  secrets) prepare; secrets; passwords; exit ;;
  passwords) prepare; passwords; exit ;;
esac
[[ $# == 4 ]] || { echo "Usage: boot.sh HOST STACK GROUP REGION | boot.sh secrets | boot.sh passwords" >&2; exit 2; }
host=$1 stack=$2 group=$3
export AWS_DEFAULT_REGION=$4
dnf install --quiet --assumeyes aws-cfn-bootstrap
# CloudFormation waits for this, and brings the servers of before back when it says that something failed.
trap '"$root"/opt/aws/bin/cfn-signal --exit-code $? --stack "$stack" --resource "$group" --region "$AWS_DEFAULT_REGION"' EXIT

environment=${stack#QuickPay-}
case $host in
  QuickPay.Api) name=api url=http://127.0.0.1:8080/health/ready ;;
  QuickPay.Worker) name=worker url=http://127.0.0.1:9091/health/ready ;;
  *) echo "No host is called $host." >&2; exit 2 ;;
esac
echo "$AWS_DEFAULT_REGION" >"$etc/region"
install_agent "/quickpay/${environment%%-*}/$name"
install_host "$host"
await_ready "$url"
