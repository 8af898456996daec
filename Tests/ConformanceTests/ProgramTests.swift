import Primitives
import Testing

@testable import conformance

/// Laws of the program as a whole. One run at a time: each is two processes, and one of them counts seconds.
@Suite(.serialized)
struct ProgramTests {
    @Test func `a line for each suite and one for all, whatever the folders are called`() throws {
        let fixtures = try SampleFixtures()
        try fixtures.write(["a": SampleStateTest().fields()], to: "state/one/deep/er/pack.json")
        try fixtures.write(
            ["a": SampleStateTest().fields(), "b": SampleStateTest(fork: "Berlin").fields()], to: "two/pack.json")
        // Other suites read these.
        try fixtures.write("[1, 2]", to: "trie/trietest.json")
        let run = try fixtures.run()
        #expect(run.status == 0, "\(run)")
        #expect(
            run.lines == [
                "state/one: 1 passed, 0 failed, 0 not applicable",
                "two: 1 passed, 0 failed, 1 not applicable (fork Berlin: 1)",
                "all: 2 passed, 0 failed, 1 not applicable (fork Berlin: 1)",
            ])
    }

    @Test func `failures are listed up to a limit and counted beyond it, and the exit code is 1`() throws {
        let fixtures = try SampleFixtures()
        let bad = try SampleStateTest(root: Hash32.zero.hex).fields()
        try fixtures.write(["a": bad, "b": bad, "c": bad], to: "state/x/pack.json")
        let run = try fixtures.run("--failures", "2")
        #expect(run.status == 1)
        #expect(run.lines.first == "FAILED state/x/pack a [Osaka d,g,v=0,0,0]")
        #expect(run.lines.filter { $0.hasPrefix("FAILED") }.count == 2)
        #expect(run.lines.contains("… 1 more failures (--failures)"))
        #expect(run.lines.last == "all: 0 passed, 3 failed, 0 not applicable")
    }

    @Test func `a file that is no JSON fails by name, and the others run`() throws {
        let fixtures = try SampleFixtures()
        try fixtures.write("{", to: "state/x/broken.json")
        try fixtures.write("not gzip", to: "state/x/packed.json.gz")
        try fixtures.write(["a": SampleStateTest().fields()], to: "state/x/good.json")
        let run = try fixtures.run()
        #expect(run.status == 1)
        #expect(run.lines.contains("FAILED state/x/broken (the file)"))
        #expect(run.lines.contains("FAILED state/x/packed (the file)"))
        #expect(run.lines.last == "all: 1 passed, 2 failed, 0 not applicable")
    }

    @Test func `a case that does not end in time fails by name, and those behind it run`() throws {
        let fixtures = try SampleFixtures()
        // JUMPDEST PUSH0 JUMP, with gas for centuries.
        let endless = SampleStateTest(code: [0x5b, 0x5f, 0x56], gasLimit: 1 << 50, fork: "Cancun")
        try fixtures.write(
            ["a": SampleStateTest().fields(), "b": endless.fields(), "c": SampleStateTest().fields()],
            to: "state/x/pack.json")
        let run = try fixtures.run("--time-limit", "1", "--workers", "1")
        #expect(run.status == 1)
        #expect(run.lines.prefix(2) == ["FAILED state/x/pack b [Cancun d,g,v=0,0,0]", "    not finished within 1 s"])
        #expect(run.lines.last == "all: 2 passed, 1 failed, 0 not applicable")
    }

    @Test func `suites are selected by the start of their path, and an unknown one lists those there are`() throws {
        let fixtures = try SampleFixtures()
        try fixtures.write(["a": SampleStateTest().fields()], to: "state/x/stCreate.json")
        try fixtures.write(["a": SampleStateTest().fields()], to: "state/x/stMemory.json")
        try fixtures.write(["a": SampleStateTest().fields()], to: "state/y/stCreate.json")
        #expect(try fixtures.run("--suite", "state/x/stC").lines.last == "all: 1 passed, 0 failed, 0 not applicable")
        #expect(try fixtures.run("--suite", "state/x").lines.last == "all: 2 passed, 0 failed, 0 not applicable")
        let run = try fixtures.run("--suite", "state/z")
        #expect(run.status != 0)
        #expect(run.errors.contains("no file's path starts with state/z"))
        #expect(run.errors.contains("state/x") && run.errors.contains("state/y"))
    }

    @Test func `an absent folder is said, and fails where it was asked for or under CI`() throws {
        let nowhere = ["FIRETOWER_FIXTURES": "/nowhere/at/all"]
        let alone = try SampleFixtures.run([], nowhere.merging(["CI": "false"]) { $1 })
        #expect(alone.status == 0)
        #expect(alone.errors.contains("conformance did NOT run"))
        #expect(try SampleFixtures.run([], nowhere.merging(["CI": "true"]) { $1 }).status == 1)
        #expect(try SampleFixtures.run(["--fixtures", "/nowhere/at/all"]).status != 0)
    }

    @Test func `an empty folder is no success`() throws {
        #expect(try SampleFixtures().run().status != 0)
    }
}
