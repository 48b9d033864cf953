/// What the tests of several modules share: real servers, a proxy that fails on purpose, a clock that stands
/// still.
///
/// Databases: [TestingPostgres]. Logins: [TestingIssuer]. Providers: [TestingS3Mock], [TestingS3Proxy],
/// [TestingAzurite], each a process of its own; a [FaultyProxy] before any of them writes down every [Call] and
/// brings each [Fault] about. A test whose server cannot be had fails, with what to install.
@NullMarked
package dev.sluice.testing;

import org.jspecify.annotations.NullMarked;
