/** Mistakes planted in how `src/guard/` reads a tree. */
import type { Fault } from '../fault.ts';

export const guardReadingFaults: readonly Fault[] = [
  {
    name: 'a block behind a call is left out as the body of a method',
    file: 'src/guard/parse-shorten.ts',
    find: "if (isApart) return 'other';",
    replace: '',
    test: {
      file: 'src/guard/parse-shorten.test.ts',
      name: 'has the facts of the whole one: a block behind a call (GE4)',
    },
  },
  {
    name: 'a short text that the parser stumbles over is believed',
    file: 'src/guard/parse.ts',
    find: 'if (tree.rootNode.hasError) return undefined;',
    replace: '',
    test: {
      file: 'src/guard/parse-shorten.test.ts',
      name: 'gives way to the whole one where the parser stumbles over it alone (GE4)',
    },
  },
  {
    name: 'a module of a package finds its neighbours by their bare names',
    file: 'src/guard/resolve-python.ts',
    find: '? [] : [own];',
    replace: '? [own] : [own];',
    test: {
      file: 'src/guard/resolve.test.ts',
      name: 'is found beside a script, and not beside a module of a package; a package goes before a module',
    },
  },
  {
    name: 'a tsconfig that only refers to others maps nothing',
    file: 'src/guard/resolve-tsconfig.ts',
    find: "listOf(json?.['references'])",
    replace: 'listOf(undefined)',
    test: {
      file: 'src/guard/resolve.test.ts',
      name: 'means what the last of several bases maps it to, or a configuration that the nearest one only refers to',
    },
  },
  {
    name: 'a kept tree does not see a new file',
    file: 'src/guard/kept-tree.ts',
    find: 'if (paths.some((path) => !this.#isPlain(path))) this.#walkAgain();',
    replace: 'if (paths.some((path) => !this.#isPlain(path))) this.#births.clear();',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'sees a rival appear and go, and reads nothing that was not named (GY2)',
    },
  },
  {
    name: 'a kept tree keeps the facts of a file that can be read no more',
    file: 'src/guard/kept-tree.ts',
    find: `  #read(path: string): void {
    this.#forget(path);`,
    replace: '  #read(path: string): void {',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'forgets what a file said when it can be read no more (GY1)',
    },
  },
  {
    name: 'who imports through a passer-on keeps what it meant',
    file: 'src/guard/link.ts',
    find: 'for (const passer of passers.get(path) ?? []) changed.add(passer);',
    replace: 'for (const passer of passers.get(path) ?? []) changed.delete(passer);',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'links anew who imports from a file that passes on what is there only now (GL4)',
    },
  },
  {
    name: 'a unit is remembered after its file has changed',
    file: 'src/guard/link.ts',
    find: 'return before?.files.get(path)?.facts === facts ? before.units.get(id) : undefined;',
    replace:
      'return before?.files.get(path)?.facts !== undefined && facts.lines >= 0 ? before.units.get(id) : undefined;',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'sees what a unit has come to, though its name stayed (GY3)',
    },
  },
  {
    name: 'a unit keeps the ancestors that it had',
    file: 'src/guard/link.ts',
    find: 'if (known !== undefined && areAlike(known.ancestors, ancestors)) return known;',
    replace: 'if (known !== undefined && areAlike(known.ancestors, known.ancestors)) return known;',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'sees that what a file extends has another ancestor, though the file stayed (GY3)',
    },
  },
  {
    name: 'a kept tree follows the manifests that it read first',
    file: 'src/guard/tree-maker.ts',
    find: 'manifests.every(isAlike) && [...texts].every(([path, text]) => read(path) === text)',
    replace: 'manifests.every(isAlike) && [...texts].every(([path]) => read(path) !== undefined)',
    test: { file: 'src/guard/kept-tree.prop.test.ts', name: 'follows imports by what a manifest says now (GY3)' },
  },
  {
    name: 'guard-report-of-another-tree',
    file: 'src/guard/kept-report.ts',
    find: 'kept.key !== keyOfBasis(basis)',
    replace: 'kept.key === undefined',
    test: {
      file: 'src/guard/kept-report.prop.test.ts',
      name: 'is not taken when files hold what they held, but each in the place of the other (KR1)',
    },
  },
  {
    name: 'guard-report-of-other-manifests',
    file: 'src/guard/kept-report.ts',
    find: 'hashOf(texts.get(path)) === hash',
    replace: 'texts.has(path) && hash !== null',
    test: {
      file: 'src/guard/kept-report.prop.test.ts',
      name: 'is not taken when a manifest says something else, or one that another leads to (KR1)',
    },
  },
  {
    name: 'guard-report-of-another-history',
    file: 'src/guard/kept-report.ts',
    find: 'walked.skipped, history]',
    replace: 'walked.skipped, history.slice(0, 0)]',
    test: {
      file: 'src/guard/kept-report.prop.test.ts',
      name: 'is not taken when git knows of another history (KR1)',
    },
  },
  {
    name: 'guard-report-of-other-options',
    file: 'src/guard/kept-report.ts',
    find: 'const asked = { include, ignore, zones, deployables, vocabulary, git };',
    replace: 'const asked = [include, ignore, zones, deployables, vocabulary, git].length;',
    test: {
      file: 'src/guard/kept-report.prop.test.ts',
      name: 'is not taken with other options (KR1)',
    },
  },
  {
    name: 'guard-report-of-broken-facts',
    file: 'src/guard/kept-report.ts',
    find: ' || kept.seal !== cache.seal',
    replace: '',
    test: {
      file: 'src/guard/kept-report.prop.test.ts',
      name: 'is as good as none when it or the facts are broken (KR3)',
    },
  },
  {
    name: 'guard-heap-grows',
    file: 'src/guard/lean-heap.ts',
    find: '--semi-space-growth-factor=1',
    replace: '--semi-space-growth-factor=2',
    test: {
      file: 'src/guard/lean-heap.process.test.ts',
      name: 'has a young generation that does not grow (KR4)',
    },
  },
  {
    name: 'guard-first-pairs-only',
    file: 'src/guard/pair-finder.ts',
    find: 'const keys = this.#numbers.size === 0 ? undefined :',
    replace: 'const keys = this.#numbers.size > 0 ? undefined :',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'finds a pair again when its name is no longer on everything, and loses it when it is (GI1)',
    },
  },
  {
    name: 'guard-judged-once',
    file: 'src/guard/pair-judge.ts',
    find: 'asked.every(({ of, key, answer }) => now[of].get(key) === answer)',
    replace: 'asked.every(({ of, key }) => now[of].has(key) || !now[of].has(key))',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'judges two units anew when a third one came to extend one of them (GI2)',
    },
  },
  {
    name: 'guard-measured-once',
    file: 'src/guard/pair-judge.ts',
    find: 'areAlike(known.bound, bound) && ',
    replace: '',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'measures two units anew when another file calls both by one name (GI2)',
    },
  },
  {
    name: 'guard-pairs-uncounted',
    file: 'src/guard/pair-finder.ts',
    find: 'for (const key of keys ?? []) this.#count(key, -1);',
    replace: '',
    test: {
      file: 'src/guard/kept-tree.prop.test.ts',
      name: 'finds a pair again when its name is no longer on everything, and loses it when it is (GI1)',
    },
  },
  {
    name: 'a class in a method is left out with its body',
    promise: 'P9',
    file: 'src/guard/parse-shorten.ts',
    find: "if (role === 'method') return (held & holds.class) === 0;",
    replace: "if (role === 'method') return held >= 0;",
    test: {
      file: 'src/guard/parse-shorten.test.ts',
      name: 'has the facts of the whole one: a class in a method (GE4)',
    },
  },
  {
    name: 'a type behind an arrow is taken for code',
    file: 'src/guard/parse-shorten.ts',
    find: "if (before === '=>') return this.#isCode(open) ? 'function' : 'members';",
    replace: "if (before === '=>') return this.#isCode(open) || open > 0 ? 'function' : 'members';",
    test: {
      file: 'src/guard/parse-shorten.test.ts',
      name: 'has the facts of the whole one: a type behind an arrow (GE4)',
    },
  },
  {
    name: 'lines of Python that were joined are read apart',
    file: 'src/guard/parse-shorten-python.ts',
    find: "return !gap.includes('\\\\') || gap.includes('#');",
    replace: "return gap !== '';",
    test: {
      file: 'src/guard/parse-shorten.test.ts',
      name: 'has the facts of the whole one, in Python: an import that goes on (GE4)',
    },
  },
  {
    name: 'what has no name of its own is called default',
    file: 'src/guard/link.ts',
    find: 'files.map(namedByFile)',
    replace: 'files.map((file) => (file.path === "" ? namedByFile(file) : file))',
    test: {
      file: 'src/guard/link.test.ts',
      name: 'of a default export without one is that of the file, or of the folder of an index (GL3)',
    },
  },
  {
    name: 'require gives no class where a module is one',
    file: 'src/guard/parse-script-imports.ts',
    find: "for (const name of ['default', '*'])",
    replace: "for (const name of ['default'])",
    test: {
      file: 'src/guard/link.test.ts',
      name: 'is found in CommonJS: what a module is by itself, what is a member of it, and what it passes on',
    },
  },
  {
    name: 'the cache takes a changed file for a copy of one that it knows',
    file: 'src/guard/cache.ts',
    find: 'const isSame = now.size === this.#before.size && [...now.keys()].every((key) => this.#before.has(key));',
    replace: 'const isSame = this.#hits >= this.#before.size;',
    test: {
      file: 'src/guard/scan.test.ts',
      name: 'keeps what it read of a changed file in a tree with duplicates, and does not read it again (GC3)',
    },
  },
  {
    name: 'a declaration file is a rival of what it declares',
    file: 'src/guard/zones.ts',
    find: '|\\.d\\.[cm]?ts$|',
    replace: '|',
    test: {
      file: 'src/guard/scan.test.ts',
      name: 'never takes a declaration (`.d.ts`, `.pyi`) for a rival of its module',
    },
  },
  {
    name: 'the cache forgets why a file was not read wholly',
    file: 'src/guard/cache.ts',
    find: 'entries.set(key, why === undefined ? facts : { ...facts, why });',
    replace: 'entries.set(key, why === undefined || length > 0 ? facts : { why });',
    test: {
      file: 'src/guard/scan.test.ts',
      name: 'says what it could not read wholly from the cache as well (GV1)',
    },
  },
  {
    name: 'a pack that is cut short is read up to there',
    file: 'src/guard/cache.ts',
    find: 'if (at + length > bytes.length) return new Map();',
    replace: 'if (at > bytes.length) return new Map();',
    test: {
      file: 'src/guard/cache.test.ts',
      name: 'knows nothing of another version, and nothing of a pack that is cut short or is none (GC2)',
    },
  },
  {
    name: 'packed facts lose what is outside of Latin-1',
    file: 'src/guard/facts-pack.ts',
    find: 'const isWide = /[^\\0-\\xff]/.test(characters);',
    replace: 'const isWide = characters === null;',
    test: { file: 'src/guard/cache.test.ts', name: 'come back equal, wherever in a buffer they lie (GE5)' },
  },
  {
    name: 'what wraps a rival is taken into its group',
    promise: 'P9',
    file: 'src/guard/cluster.ts',
    find: 'if (outsider === undefined) continue;',
    replace: 'if (outsider === undefined || rivals.length > 0) continue;',
    test: {
      file: 'src/guard/cluster.test.ts',
      name: 'leave out what wraps a member, though it looks like another one (GU3)',
    },
  },
  {
    name: 'guard-mcp-loose-shape',
    file: 'src/guard/mcp-answers.ts',
    find: 'const counts = { failures: failures.length,',
    replace: 'const counts = { failures: failures as never,',
    test: {
      file: 'src/guard/mcp.test.ts',
      name: 'answers by the schema of each tool, beside text for clients that know of none',
    },
  },
  {
    name: 'guard-mcp-page-skips',
    file: 'src/guard/mcp-answers.ts',
    find: 'return end < all.length ? { ...page, next: end } : page;',
    replace: 'return end < all.length ? { ...page, next: end + 1 } : page;',
    test: {
      file: 'src/guard/mcp.test.ts',
      name: 'tells a long list in pages of a size, and each of its items once (VM3)',
    },
  },
  {
    name: 'guard-mcp-writes',
    promise: 'P9',
    file: 'src/guard/mcp-answers.ts',
    find: 'const { files, refused } = fixOfAudit(audit, concept, options);',
    replace:
      'const { files, refused } = fixOfAudit(audit, concept, options);\n  process.getBuiltinModule("node:fs").writeFileSync(`${audit.root}/app.py`, "");',
    test: { file: 'src/guard/mcp.test.ts', name: 'says when to call what, and can change nothing (VM1)' },
  },
  {
    name: 'guard-mcp-reads-on',
    file: 'src/guard/audit-moves.ts',
    find: 'signal?.throwIfAborted();',
    replace: '',
    test: { file: 'src/guard/mcp.test.ts', name: 'reads no further in a history that the agent takes back (VM4)' },
  },
  {
    name: 'guard-mock-by-name-unseen',
    file: 'src/guard/mocks.ts',
    find: "if (file.zone !== 'test' && !consumers.has(file.path)) return [];",
    replace: 'if (!consumers.has(file.path)) return [];',
    test: {
      file: 'src/guard/mocks.test.ts',
      name: 'is told when its users move, in the words of each runner (VG1)',
    },
  },
  {
    name: 'guard-mock-of-a-neighbour',
    file: 'src/guard/mocks.ts',
    find: '(name === undefined || rival.name === name)',
    replace: '(name === undefined || rival.name !== "")',
    test: {
      file: 'src/guard/mocks.test.ts',
      name: 'is told in Python where the dotted name is that of the old one or of something in it (VG1)',
    },
  },
  {
    name: 'guard-mocked-file-goes',
    file: 'src/guard/fix.ts',
    find: 'left.add(rival.id);',
    replace: '',
    test: { file: 'src/guard/mocks.test.ts', name: 'keeps what it names from being taken out' },
  },
  {
    name: 'guard-prove-not-run-is-red',
    promise: 'P9',
    file: 'src/guard/prove.ts',
    find: "return isAsserted ? 'fails' : 'not-run';",
    replace: "return isAsserted ? 'fails' : 'fails';",
    test: {
      file: 'src/guard/prove.test.ts',
      name: 'is red where the test asserts, and could not be run where something else is in the way (VQ3)',
    },
  },
  {
    name: 'guard-zone-own-last',
    file: 'src/guard/zones.ts',
    find: 'given.find(({ isIn }) => isIn(path))?.zone ?? builtInZone(path)',
    replace: "(given.length > 9 ? undefined : builtInZone(path)) ?? 'prod'",
    test: { file: 'src/guard/zones.test.ts', name: 'is what the configuration says before all' },
  },
  {
    name: 'guard-zone-generated-test',
    file: 'src/guard/zones.ts',
    find: 'const found = builtIn.find(',
    replace: 'const found = builtIn.toReversed().find(',
    test: {
      file: 'src/guard/zones.test.ts',
      name: 'is that of the first kind that fits: a copy of a test is a copy, and a test of generated code is generated',
    },
  },
  {
    name: 'guard-score-importers-plain',
    file: 'src/guard/score.ts',
    find: 'Math.log1p(count) / Math.log1p(most)',
    replace: 'Math.min(1, count)',
    test: {
      file: 'src/guard/score.test.ts',
      name: 'damps importers, counts those of production and tests apart, and its own file as none',
    },
  },
  {
    name: 'guard-score-newest-alone',
    file: 'src/guard/score.ts',
    find: 'all.length < 2',
    replace: 'all.length < 1',
    test: {
      file: 'src/guard/score.test.ts',
      name: 'favours the newest where git tells, and says that it is not known where it does not (GS1)',
    },
  },
  {
    name: 'guard-consumers-own-file',
    file: 'src/guard/consumers.ts',
    find: ' && one.file !== file.path) yield',
    replace: ') yield',
    test: {
      file: 'src/guard/consumers.test.ts',
      name: 'are files that import it or name it by its module, and neither its own nor one that only passes it on',
    },
  },
  {
    name: 'guard-consumers-local-instance',
    file: 'src/guard/consumers.ts',
    find: "made.within === '' ? file.names",
    replace: "made.within !== '-' ? file.names",
    test: {
      file: 'src/guard/consumers.test.ts',
      name: 'share one instance only where it is made at module level of what ships',
    },
  },
  {
    name: 'guard-counterpart-private',
    file: 'src/guard/counterpart.ts',
    find: 'methods.filter(({ isPrivate }) => !isPrivate)',
    replace: 'methods.filter(({ isPrivate }) => isPrivate !== undefined)',
    test: {
      file: 'src/guard/counterpart.test.ts',
      name: 'is no private method, and none is needed of what the rival never had',
    },
  },
  {
    name: 'guard-births-last-change',
    file: 'src/guard/births.ts',
    find: "for (const name of names) if (name !== '') births.set(",
    replace: "for (const name of names) if (name !== '' && !births.has(name)) births.set(",
    test: {
      file: 'src/guard/births.test.ts',
      name: 'is when it first came, not when it was changed or came back; a new name is a new file',
    },
  },
  {
    name: 'guard-concept-id-twice',
    file: 'src/guard/concepts.ts',
    find: 'for (let count = 2; taken.has(id); count++)',
    replace: 'for (let count = 2; taken.has(id) && count < 0; count++)',
    test: {
      file: 'src/guard/concepts.test.ts',
      name: 'of a name that another has too is told apart by its folder, and no id is given twice',
    },
  },
  {
    name: 'guard-ask-tests',
    file: 'src/guard/ask.ts',
    find: "if (unit.zone !== 'prod' || unit.outer !== undefined) return [];",
    replace: 'if (unit.outer !== undefined) return [];',
    test: { file: 'src/guard/ask.test.ts', name: 'is answered by units that ship, the nearest name first' },
  },
  {
    name: 'guard-resolve-outside',
    file: 'src/guard/resolve-paths.ts',
    find: 'else if (parts.pop() === undefined) return undefined;',
    replace: 'else parts.pop();',
    test: {
      file: 'src/guard/resolve.test.ts',
      name: 'means the file as it is written, the source behind it, one with any ending, or the index of a folder',
    },
  },
  {
    name: 'guard-resolve-far-tsconfig',
    file: 'src/guard/resolve-tsconfig.ts',
    find: '.toSorted((a, b) => b.folder.length - a.folder.length);',
    replace: '.toSorted((a, b) => a.folder.length - b.folder.length);',
    test: {
      file: 'src/guard/resolve.test.ts',
      name: 'means what the nearest tsconfig maps it to, the longest prefix first, and what that extends',
    },
  },
  {
    name: 'guard-failing-in-colour',
    file: 'src/guard/failing-tests.ts',
    find: "const plain = output.replaceAll(/\\u001B\\[[\\d;]*m/g, '');",
    replace: 'const plain = output;',
    test: {
      file: 'src/guard/failing-tests.test.ts',
      name: 'is named as each runner and compiler prints it, in colour or not, each once',
    },
  },
  {
    name: 'a nest of brackets without end is parsed',
    file: 'src/guard/parse-tangle.ts',
    find: 'if (depth > limits.guardTangleMax || row > limits.guardTangleMax) return true;',
    replace: 'if (row > limits.guardTangleMax) return true;',
    test: {
      file: 'src/guard/parse-tangle.test.ts',
      name: 'has brackets in brackets beyond the bound, closed or not (GE6)',
    },
  },
  {
    name: 'what is no file is read as one',
    file: 'src/guard/regular-file.ts',
    find: "if (!stats.isFile()) return 'unreadable';",
    replace: '',
    test: { file: 'src/guard/regular-file.test.ts', name: 'is not waited for where it is a pipe or a device' },
  },
  {
    name: 'a name with a line break is reported as it is',
    file: 'src/guard/walk.ts',
    find: 'if (unprintable.test(entry.name)) this.#refuse(inner, entry, ignores);',
    replace: "if (entry.name === '') continue;",
    test: {
      file: 'src/guard/walk.test.ts',
      name: 'tells a name with control characters escaped, and does not read it (GW5)',
    },
  },
  {
    name: 'a further work tree is read beside the first',
    file: 'src/guard/walk.ts',
    find: '&& isWorkTree(join(this.#root, path))',
    replace: '&& path === this.#root',
    test: {
      file: 'src/guard/walk.test.ts',
      name: 'leaves out a further work tree of git, and not a submodule (GW4)',
    },
  },
  {
    name: 'control characters of a source reach the terminal',
    file: 'src/guard/source-text.ts',
    find: "isPlain.test(text) ? text : text.replaceAll(unprintable, ' ')",
    replace: 'text',
    test: {
      file: 'src/guard/source-text.test.ts',
      name: 'holds nothing that moves a cursor, and all else at its place (GE7)',
    },
  },
  {
    name: 'guard-ask-bare-word',
    file: 'src/guard/ask.ts',
    find: "related === 'none' && hasAll(named, wanted)",
    replace: "related !== 'none' && hasAll(named, wanted)",
    test: {
      file: 'src/guard/ask.test.ts',
      name: 'is answered for a word alone by whatever has it in its name, after what is nearer',
    },
  },
  {
    name: 'guard-added-dismissed-told',
    file: 'src/guard/added.ts',
    find: "concept.tier !== 'possible' && !isDismissed(config, concept)",
    replace: "concept.tier !== 'possible' || isDismissed(config, concept)",
    test: {
      file: 'src/guard/added.test.ts',
      name: 'is told once, as the worst that it is, and not at all where a person dismissed it',
    },
  },
  {
    name: 'guard-added-warning-blocks',
    file: 'src/guard/added.ts',
    find: "blocks: declared.mode !== 'warn'",
    replace: "blocks: declared.mode !== 'fail'",
    test: {
      file: 'src/guard/added.test.ts',
      name: 'blocks where it is a second one of a declared concept, by its name alone, unless that only warns (VA1)',
    },
  },
  {
    name: 'guard-added-likely-blocks',
    file: 'src/guard/added.ts',
    find: "blocks: tier === 'certain'",
    replace: "blocks: tier !== 'possible'",
    test: {
      file: 'src/guard/added.test.ts',
      name: 'blocks where it is a certain rival of what nobody declared, and is advice where it is likely (VA1)',
    },
  },
  {
    name: 'guard-pair-by-chance',
    file: 'src/guard/pair-finder.ts',
    find: 'const sharedMin = 3;',
    replace: 'const sharedMin = 2;',
    test: {
      file: 'src/guard/candidates.test.ts',
      name: 'share three methods that few have: one or two are chance, and those that everything has say nothing',
    },
  },
  {
    name: 'guard-pair-across-languages',
    file: 'src/guard/pair-finder.ts',
    find: "(a.unit.lang === 'py') === (b.unit.lang === 'py')",
    replace: 'a.unit.lang !== undefined',
    test: {
      file: 'src/guard/candidates.test.ts',
      name: 'have one that ships, and are in languages that can stand for one another',
    },
  },
  {
    name: 'a text of many short names forgets those that it had',
    file: 'src/guard/lexer.ts',
    find: 'slots[slot] = name + 1;',
    replace: 'slots[slot] = 0;',
    test: {
      file: 'src/guard/lexer.prop.test.ts',
      name: 'number each name once also in a text of hardly anything but short ones',
    },
  },
];
