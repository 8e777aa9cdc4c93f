using System.Globalization;

namespace QuickPay.Cli.Local;

/// <summary>An unprivileged account of this machine that a server runs as.</summary>
internal sealed record OsUser(string Name, uint UserId, uint GroupId)
{
    /// <summary>
    /// The account to step down to, or null to stay who we are: an ordinary user cannot become another one and need not, and PostgreSQL
    /// refuses to run as root. The Debian packages make the accounts.
    /// </summary>
    public static OsUser? StepDownTo(string name, string package)
    {
        if (!Environment.IsPrivilegedProcess)
            return null;
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            var fields = line.Split(':');
            if (fields.Length >= 4 && fields[0] == name)
                return new OsUser(
                    name,
                    uint.Parse(fields[2], CultureInfo.InvariantCulture),
                    uint.Parse(fields[3], CultureInfo.InvariantCulture)
                );
        }
        throw new LocalException($"There is no user '{name}' to run the server as. Install it: apt-get install {package}");
    }
}
