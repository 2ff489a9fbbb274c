// Runs before everything else under whichever Node there is: older ones cannot even read the files that follow.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `Mostik needs Node 24 or newer; this is Node ${process.versions.node} (${process.execPath}).\n` +
      'On Linux and Windows "npm ci" brings Node 24 along and "npm start" uses it; elsewhere install it from https://nodejs.org.',
  );
  process.exit(1);
}
