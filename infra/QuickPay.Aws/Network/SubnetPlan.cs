using Amazon.CDK.AWS.EC2;
using Amazon.JSII.Runtime.Deputy;

namespace QuickPay.Aws.Network;

/// <summary>
/// 10.0.0.0/16: public subnets are 10.0.1.0/24 and up, one a zone, private ones 10.0.11.0/24 and up. By itself CDK would number them from 10.0.0.0
/// on, one kind after the other.
/// </summary>
internal sealed class SubnetPlan : DeputyBase, IIpAddresses
{
    public const string Whole = "10.0.0.0/16";
    public const string Public = "public";
    public const string Private = "private";
    private const int FirstPublic = 1;
    private const int FirstPrivate = 11;

    public IVpcIpamOptions AllocateVpcCidr() => new VpcIpamOptions { CidrBlock = Whole };

    public ISubnetIpamOptions AllocateSubnetsCidr(IAllocateCidrRequest input)
    {
        var (publics, privates) = (FirstPublic, FirstPrivate);
        return new SubnetIpamOptions
        {
            AllocatedSubnets =
            [
                .. input.RequestedSubnets.Select(subnet => new AllocatedSubnet
                {
                    Cidr = subnet.Configuration.Name switch
                    {
                        Public => $"10.0.{publics++}.0/24",
                        Private => $"10.0.{privates++}.0/24",
                        var other => throw new InvalidOperationException($"There is no place for subnets of the kind {other}."),
                    },
                }),
            ],
        };
    }
}
