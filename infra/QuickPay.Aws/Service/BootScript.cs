using System.Text;
using Amazon.CDK;

namespace QuickPay.Aws.Service;

/// <summary>
/// What an instance does when it starts: it takes the program of its version, checks it, and hands over to the script that lies beside it
/// (<c>boot.sh</c>), with what the host is told. So what is in a template is data, and what is done with it is tried without AWS.
/// <para>
/// A server that works says so itself. Of what fails, from the first line on, CloudFormation is told from here, with what the image brings along;
/// without that it would wait until the time is up.
/// </para>
/// </summary>
internal static class BootScript
{
    /// <param name="host"><c>QuickPay.Api</c> or <c>QuickPay.Worker</c>.</param>
    /// <param name="group">Logical id of the group that waits for the signal.</param>
    public static string Of(string host, string group, HostEnvironment environment, ProgramVersion program, string bucket)
    {
        var script = new StringBuilder(
            $$"""
            #!/bin/bash
            trap '[[ $? == 0 ]] || failed' EXIT
            failed() {
              local metadata=http://169.254.169.254/latest pass
              pass=$(curl --silent --max-time 5 --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token")
              aws cloudformation signal-resource --stack-name {{Amazon.CDK.Aws.STACK_NAME}} --logical-resource-id {{group}} --status FAILURE \
                --unique-id "$(curl --silent --max-time 5 --header "X-aws-ec2-metadata-token: $pass" "$metadata/meta-data/instance-id")" \
                --region {{Amazon.CDK.Aws.REGION}}
            }
            set -euo pipefail
            umask 077
            mkdir -p /etc/quickpay /opt/quickpay
            cat > /etc/quickpay/environment <<'END'
            {{Lines(environment.Variables)}}
            END
            cat > /etc/quickpay/secrets <<'END'
            {{Lines(environment.Secrets)}}
            END
            cat > /etc/quickpay/database-logins <<'END'
            {{string.Join('\n', environment.Logins)}}
            END
            aws s3 cp "s3://{{bucket}}/programs/{{program.Version.ValueAsString}}.tar.gz" /tmp/quickpay.tar.gz
            echo "{{program.Sha256.ValueAsString}}  /tmp/quickpay.tar.gz" | sha256sum --check --quiet
            tar --extract --gzip --file /tmp/quickpay.tar.gz --directory /opt/quickpay
            /opt/quickpay/boot.sh {{host}} {{Amazon.CDK.Aws.STACK_NAME}} {{group}} {{Amazon.CDK.Aws.REGION}}

            """
        );
        return script.ToString();
    }

    private static string Lines(IReadOnlyDictionary<string, string> values) =>
        string.Join('\n', values.Select(value => $"{value.Key}={value.Value}"));
}

/// <summary>Which program the instances take; a new one is a new launch template, so that instances are replaced.</summary>
internal sealed record ProgramVersion(CfnParameter Version, CfnParameter Sha256)
{
    public static ProgramVersion In(Stack stack) =>
        new(
            new CfnParameter(
                stack,
                "ProgramVersion",
                new CfnParameterProps { AllowedPattern = "^[0-9a-zA-Z._-]{1,64}$", Description = "Name of the archive, without its ending" }
            ),
            new CfnParameter(
                stack,
                "ProgramSha256",
                new CfnParameterProps { AllowedPattern = "^[0-9a-f]{64}$", Description = "What the archive must be" }
            )
        );
}
