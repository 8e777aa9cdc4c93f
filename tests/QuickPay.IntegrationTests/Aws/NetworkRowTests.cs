using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>H1 and D3: the network, and who talks to whom.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class NetworkRowTests(AwsTemplates templates)
{
    private static readonly string[] Zones = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"];
    private readonly Rows _rows = new(templates.Prod);

    [Fact]
    public void H1_the_network_is_10_0_0_0_16() => Assert.Equal("10.0.0.0/16", _rows.Text(_rows.One("AWS::EC2::VPC"), "CidrBlock"));

    [Theory]
    [InlineData("Vpcpublic", new[] { "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24" })]
    [InlineData("Vpcprivate", new[] { "10.0.11.0/24", "10.0.12.0/24", "10.0.13.0/24" })]
    public void H1_a_subnet_of_each_kind_is_in_each_zone(string kind, string[] ranges)
    {
        var subnets = _rows.All("AWS::EC2::Subnet").Where(subnet => subnet.Id.StartsWith(kind, StringComparison.Ordinal)).ToList();

        Assert.Equal(
            Zones.Zip(ranges, (zone, range) => $"{zone} {range}"),
            subnets.Select(subnet => $"{_rows.Text(subnet, "AvailabilityZone")} {_rows.Text(subnet, "CidrBlock")}")
        );
        Assert.Equal(6, _rows.All("AWS::EC2::Subnet").Count);
        Assert.All(subnets, subnet => Assert.Equal(kind == "Vpcpublic", Subnets.IsPublic(templates.Prod, subnet)));
    }

    [Fact]
    public void H1_each_zone_has_its_NAT_gateway_in_its_public_subnet()
    {
        var subnets = _rows.All("AWS::EC2::NatGateway").Select(gateway => _rows.Behind(gateway, "SubnetId")).ToList();

        Assert.Equal(Zones, subnets.Select(subnet => _rows.Text(subnet, "AvailabilityZone")).Order(StringComparer.Ordinal));
        Assert.All(subnets, subnet => Assert.True(Subnets.IsPublic(templates.Prod, subnet)));
    }

    [Fact]
    public void H1_the_load_balancer_is_in_public_subnets_and_all_else_in_private_ones()
    {
        var balancer = _rows.One("AWS::ElasticLoadBalancingV2::LoadBalancer");
        var inside = _rows
            .All("AWS::AutoScaling::AutoScalingGroup")
            .SelectMany(group => _rows.Subnets(group, "VPCZoneIdentifier"))
            .Concat(_rows.All("AWS::RDS::DBSubnetGroup").SelectMany(group => _rows.Subnets(group, "SubnetIds")))
            .Concat(_rows.All("AWS::ElastiCache::SubnetGroup").SelectMany(group => _rows.Subnets(group, "SubnetIds")))
            .ToList();

        Assert.Equal("internet-facing", _rows.Text(balancer, "Scheme"));
        Assert.Equal(3, _rows.Subnets(balancer, "Subnets").Count);
        Assert.All(_rows.Subnets(balancer, "Subnets"), subnet => Assert.True(Subnets.IsPublic(templates.Prod, subnet)));
        Assert.NotEmpty(inside);
        Assert.All(inside, subnet => Assert.False(Subnets.IsPublic(templates.Prod, subnet)));
    }

    /// <summary>ALB: 0.0.0.0/0 → 443; EC2: ALB → 8080; RDS: EC2 → 5432; Redis: EC2 → 6379. And 80, which only redirects.</summary>
    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void D3_members_reach_the_load_balancer_it_the_API_and_the_API_the_stores(string environment)
    {
        var ways = Reach
            .Of(templates[environment])
            .Ways.Where(way => way.From.Part is Part.Internet or Part.LoadBalancer or Part.Api)
            .Where(way => way.To.Part is not (Part.Internet or Part.Endpoints or Part.Nothing));

        Assert.Equal(
            [
                "Api → Cache 6379",
                "Api → Database 5432",
                "LoadBalancer → Api 8080",
                "internet → LoadBalancer 443",
                "internet → LoadBalancer 80",
            ],
            // Those of the second region are called after its stack, and are the same.
            ways.Select(way => $"{way.From.Name.Split('/')[^1]} → {way.To.Name.Split('/')[^1]} {way.Ports}")
                .Distinct()
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void D3_nobody_else_reaches_the_stores_but_workers_and_functions()
    {
        var clients = Reach
            .Of(templates.Prod)
            .Ways.Where(way => way.To.Part is Part.Database or Part.Cache && way.From.Part != Part.Nothing)
            .Select(way => way.From.Part)
            .Distinct();

        Assert.Empty(clients.Except([Part.Api, Part.Worker, Part.Function]));
    }

    [Fact]
    public void The_picture_begins_outside_and_shows_every_group()
    {
        var reach = Reach.Of(templates.Prod);
        var picture = ReachPicture.Of(reach);

        Assert.StartsWith(
            """
            internet
              ── 443, 80 ──> LoadBalancer (load balancer)
                ── 8080 ──> Api (API servers)
            """,
            picture,
            StringComparison.Ordinal
        );
        Assert.All(reach.Groups, group => Assert.Contains(group.Name, picture, StringComparison.Ordinal));
    }

    [Fact]
    public void D3_a_log_says_who_talked_to_whom()
    {
        var log = _rows.One("AWS::EC2::FlowLog");

        Assert.Equal("ALL", _rows.Text(log, "TrafficType"));
        Assert.Equal("AWS::EC2::VPC", _rows.Behind(log, "ResourceId").Type);
        Assert.Equal("AWS::Logs::LogGroup", _rows.Behind(log, "LogGroupName").Type);
    }
}
