// AWS's rule packs (cdk-nag) over templates as they were made: `node nag.mjs PACK[,PACK] FOLDER...` prints what they found as JSON.
// It judges nothing. What is meant to be so is in suppressions.json, and `./quickpay aws nag` compares the two.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks, PCIDSS321Checks } from 'cdk-nag';

const packs = { AwsSolutions: AwsSolutionsChecks, PciDss: PCIDSS321Checks };
const ending = '.template.json';

const [names, ...folders] = process.argv.slice(2);
const wanted = (names ?? '').split(',');
if (folders.length === 0 || !wanted.every((name) => name in packs)) {
  throw new Error(`Usage: node nag.mjs ${Object.keys(packs).join(',')} FOLDER...`);
}
const read = folders.map(readTemplates).flat();
process.stdout.write(JSON.stringify({ resources: read.length, findings: read.flatMap(findingsOf) }));

function readTemplates(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith(ending)).sort();
  if (files.length === 0) {
    throw new Error(`There are no templates in ${folder}.`);
  }
  return files.flatMap((file) => readTemplate(file.slice(0, -ending.length), join(folder, file)));
}

/** All resources of a template as what rules know: typed, and beside those that they refer to. */
function readTemplate(stackName, file) {
  const template = JSON.parse(readFileSync(file, 'utf8'));
  // A stack of its own app each: they have the same ids.
  const stack = new Stack(new App({ analyticsReporting: false }), 'Template', { stackName });
  const included = new CfnInclude(stack, 'Included', { templateFile: file });
  const resources = Object.keys(template.Resources).map((id) => ({ stackName, id, node: included.getResource(id) }));
  // What got lost on the way would be held against no rule, and nobody would notice.
  const different = resources.filter(({ id, node }) => {
    const made = JSON.parse(JSON.stringify(stack.resolve(node._toCloudFormation()))).Resources[id];
    return made.Type !== template.Resources[id].Type || !isDeepStrictEqual(made.Properties, template.Resources[id].Properties);
  });
  if (different.length > 0) {
    throw new Error(`${stackName} is read otherwise than it is written: ${different.map(({ id }) => id).join(', ')}`);
  }
  return resources;
}

function findingsOf({ stackName, id, node }) {
  // One resource at a time: a pack keeps a single text for all that break a rule, also when the rule could not be applied to the first of them.
  return wanted.flatMap((name) =>
    new packs[name](undefined, { verbose: true }).validateScope(node).violations.map((violation) => ({
      stack: stackName,
      logicalId: id,
      type: node.cfnResourceType,
      pack: name,
      rule: violation.ruleName,
      level: violation.severity,
      text: violation.description,
    })),
  );
}
