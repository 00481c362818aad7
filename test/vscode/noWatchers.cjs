// Loaded into the server and its extension hosts: a machine on which no folder can be watched.
const fs = require("node:fs");

fs.watch = () => {
  throw Object.assign(new Error("ENOSPC: System limit for number of file watchers reached"), {
    code: "ENOSPC",
  });
};
