// Opens a session of mongosh read-only. holdpoint gives it to mongosh as
// `--shell --eval=…` in front of the caller's words, so that it runs before
// any script of theirs and before ~/.mongoshrc.js.
//
// All that the shell's own calls ask of a server goes through methods of one
// class, the service provider (checked with mongosh 2.12.0): `db`, `use`,
// sessions, `new Mongo()` and `connect()` alike. Of those methods the ones
// that only read stay as they are, the ones that carry any command look at it
// first, and every other one, known or not, throws. What is not listed is
// refused: lists of what reads, not of what writes.
(() => {
  const words = (text) => new Set(text.split(/\s+/));
  const READS = words(`
    constructor getNewConnection _getHostnameForConnection getConnectionInfo db _dbTestWrapper
    getDBCache hasUnifiedAggregateOptions close suspend count countDocuments distinct
    estimatedDocumentCount find listDatabases getTopologyDescription getIndexes listCollections
    authenticate getReadPreference getReadConcern getWriteConcern readPreferenceFromOptions
    resetConnectionOptions startSession watch getRawClient getURI getFleOptions
    processDriverOptions getSearchIndexes`.trim());
  const COMMANDS = words(`
    aggregate atlasVersion balancerCollectionStatus balancerStatus buildInfo buildinfo
    checkMetadataConsistency checkShardingIndex collStats collstats connPoolStats
    connectionStatus count currentOp dataSize datasize dbHash dbStats dbhash dbstats distinct
    explain features filemd5 find getAuditConfig getClusterParameter getCmdLineOpts
    getDefaultRWConcern getLastError getLog getMore getParameter getShardMap getShardVersion
    getTransitionToDedicatedConfigServerStatus getlasterror hello hostInfo isMaster isdbgrid
    ismaster killCursors listCollections listCommands listDatabases listIndexes listShards
    lockInfo logout ping planCacheListFilters replSetGetConfig replSetGetStatus rolesInfo
    serverStatus shardConnPoolStats shardDrainingStatus top usersInfo validateDBMetadata
    whatsmyuri`.trim());
  const STAGES = words(`
    $addFields $bucket $bucketAuto $changeStream $changeStreamSplitLargeEvent $collStats $count
    $currentOp $densify $documents $facet $fill $geoNear $graphLookup $group $indexStats $limit
    $listClusterCatalog $listLocalSessions $listSampledQueries $listSearchIndexes $listSessions
    $lookup $match $planCacheStats $project $querySettings $queryStats $rankFusion $redact
    $replaceRoot $replaceWith $sample $score $scoreFusion $search $searchMeta $set
    $setWindowFields $shardedDataDistribution $skip $sort $sortByCount $unionWith $unset $unwind
    $vectorSearch`.trim());

  const refuse = (what) => {
    throw new Error(
      `holdpoint opened this session read-only: ${String(what).slice(0, 60)} is no reading ` +
        'command, and was not sent. For write access, which a person confirms: ' +
        'holdpoint exec --write -- mongosh …',
    );
  };
  const isMap = (document) => Object.prototype.toString.call(document) === '[object Map]';
  // The first key of a document, as the driver sends it.
  const first = (document) =>
    isMap(document) ? [...document.entries()][0] : Object.entries(document ?? {})[0];
  const pipeline = (stages) => {
    for (const stage of Array.isArray(stages) ? stages : [stages]) {
      const [name] = first(stage) ?? [];
      if (!STAGES.has(name)) refuse(name);
    }
  };
  const command = (document) => {
    const [name, value] = first(document) ?? [];
    // `profile: -1` asks for the level, any other number sets it.
    if (name === 'profile' && Number(value) === -1) return;
    if (!COMMANDS.has(name)) refuse(name);
    if (name === 'aggregate') {
      pipeline((isMap(document) ? document.get('pipeline') : document.pipeline) ?? []);
    }
  };
  const CHECKED = {
    aggregate: (of, collection, stages) => pipeline(stages ?? []),
    aggregateDb: (of, stages) => pipeline(stages ?? []),
    runCommand: (of, document) => command(document),
    runCommandWithCheck: (of, document) => command(document),
    runCursorCommand: (of, document) => command(document),
  };

  // The shell has a provider from its start, connected or not (--nodb), and
  // takes every later one from it: all are of one class.
  const state = globalThis.DBQuery?._instanceState;
  const outer = [state?.initialServiceProvider,
    ...(state?.mongos ?? []).map((mongo) => mongo.__serviceProvider)];
  const providers = outer.map((provider) =>
    provider?.[Symbol.for('@@mongosh.originalServiceProvider')] ?? provider);
  const seen = new Set();
  const guards = new Set();
  const guard = (holder) => {
    if (seen.has(holder)) return;
    seen.add(holder);
    for (const name of Object.getOwnPropertyNames(holder)) {
      const found = Object.getOwnPropertyDescriptor(holder, name);
      if (READS.has(name) || typeof found.value !== 'function') continue;
      const check = Object.hasOwn(CHECKED, name) ? CHECKED[name] : () => refuse(name);
      const original = found.value;
      const value = function (...given) {
        check(...given);
        return original.apply(this, given);
      };
      Object.defineProperty(holder, name, { value, writable: false, configurable: false });
      guards.add(value);
    }
  };
  for (const provider of providers.filter((it) => typeof it === 'object' && it !== null)) {
    let holder = Object.getPrototypeOf(provider);
    // The last one is Object's, of another realm than this script's.
    for (let next; holder !== null && (next = Object.getPrototypeOf(holder)) !== null; holder = next) {
      guard(holder);
    }
  }
  const needed = ['runCommand', 'runCommandWithCheck', 'aggregate', 'insertOne', 'deleteMany',
    'updateMany', 'dropDatabase', 'dropCollection', 'bulkWrite'];
  if (!providers.every((provider) => needed.every((name) => guards.has(provider?.[name])))) {
    throw new Error(
      'holdpoint knows no way to open this version of mongosh read-only, so nothing was opened. ' +
        'For a session with write access, which a person confirms: ' +
        'holdpoint exec --write -- mongosh …',
    );
  }
})();
