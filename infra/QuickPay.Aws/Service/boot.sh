#!/bin/bash
# What a new instance does with its programs: `boot.sh HOST STACK GROUP REGION`, once, from the launch template's user data; and every few
# minutes `boot.sh secrets`, since secrets are replaced, and what a database takes for a password is good for a quarter of an hour; before a start of the
# host, `boot.sh secrets-at-start`. They are kept in memory alone (/run), for the host's user to read.
set -euo pipefail

# Tests put another folder before every path.
root=${QUICKPAY_ROOT:-}
etc=$root/etc/quickpay
run=$root/run/quickpay
here=$root/opt/quickpay
ready_within=300

# A host reads its files whenever it connects: each is there as a whole, the new one or the one before.
place() {
  chown quickpay: "$next"
  mv "$next" "$run/$1"
}

# What a secret has at a stage, by default what counts. Where nothing is at it, or what CloudFormation made up before there was a key: what counts.
fetch() {
  local stage=${2:-AWSCURRENT} said
  if ! said=$(aws secretsmanager get-secret-value --secret-id "$1" --version-stage "$stage" --query SecretString --output text 2>&1 >"$next"); then
    if [[ $stage == AWSCURRENT || $said != *ResourceNotFoundException* ]]; then
      echo "$said" >&2
      return 1
    fi
    fetch "$1"
  elif [[ $stage != AWSCURRENT ]] && ! grep --quiet -e '-----BEGIN' "$next"; then
    fetch "$1"
  fi
}

secrets() {
  umask 077
  AWS_DEFAULT_REGION=$(<"$etc/region")
  export AWS_DEFAULT_REGION
  mkdir -p "$run"
  chown quickpay: "$run"
  local line host port database role token id stage
  trap 'rm -f "${next:-}"' EXIT

  # Tokens first: nobody has to be asked for them. Each line is `host:port:database:role`, to which libpq's form of such files adds the password.
  next=$(mktemp "$run/passwords.XXXXXX")
  while IFS= read -r line; do
    [[ -n $line ]] || continue
    IFS=: read -r host port database role <<<"$line"
    # By itself: set -e does not see what fails inside an argument.
    token=$(aws rds generate-db-auth-token --hostname "$host" --port "$port" --username "$role")
    token=${token//\\/\\\\}
    printf '%s:%s\n' "$line" "${token//:/\\:}" >>"$next"
  done <"$etc/database-logins"
  place passwords

  while IFS= read -r line; do
    [[ -n $line ]] || continue
    next=$(mktemp "$run/${line%%=*}.XXXXXX")
    read -r id stage <<<"${line#*=}"
    fetch "$id" "$stage"
    place "${line%%=*}"
  done <"$etc/secrets"
  touch "$run/renewed"
}

# A host that has ended and starts again is missed meanwhile: it takes those that it had.
are_new() { [[ -n $(find "$run" -name renewed -mmin -6 2>/dev/null) ]]; }

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
ExecStartPre=+$here/boot.sh secrets-at-start
# The first time it asks for a dozen things, on a small server perhaps a few seconds for each.
TimeoutStartSec=180
EnvironmentFile=$etc/environment
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
  cat >"$root/etc/systemd/system/quickpay-secrets.service" <<UNIT
[Unit]
Description=Secrets of now, and tokens by which the host logs in at its databases

[Service]
Type=oneshot
ExecStart=$here/boot.sh secrets
StandardError=append:$root/var/log/quickpay/host.log
TimeoutStartSec=180
# What members wait for comes first.
Nice=10
UNIT
  # A token is good for 15 minutes, or until the keys that signed it run out: the instance gets new ones 5 minutes before.
  cat >"$root/etc/systemd/system/quickpay-secrets.timer" <<UNIT
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
  systemctl enable --now quickpay quickpay-secrets.timer
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
  secrets) secrets; exit ;;
  secrets-at-start)
    if ! are_new; then secrets; fi
    exit
    ;;
esac
[[ $# == 4 ]] || { echo "Usage: boot.sh HOST STACK GROUP REGION | boot.sh secrets | boot.sh secrets-at-start" >&2; exit 2; }
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
