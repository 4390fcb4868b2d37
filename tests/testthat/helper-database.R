# A PostgreSQL server of our own: on loopback, in a directory of its own, gone when the tests end. It refuses to run as
# root, and then runs as the user that the package made for it.

postgres_state <- new.env(parent = emptyenv())

skip_without_postgres <- function() {
  testthat::skip_on_cran()
  testthat::skip_if_not_installed("RPostgres")
  testthat::skip_if_not_installed("dbplyr")
  if (is.null(postgres_state$server)) postgres_state$server <- start_postgres()
  if (is.character(postgres_state$server)) testthat::skip(postgres_state$server)
}

# The server, or why there is none.
start_postgres <- function() {
  programs <- find_postgres()
  if (is.null(programs)) return("PostgreSQL is not installed")
  user <- if (is_root()) "postgres"
  if (!is.null(user) && (system2("id", user, FALSE, FALSE) != 0 || !nzchar(Sys.which("runuser")))) return("root can't run PostgreSQL")
  run <- function(program, ...) {
    command <- c(shQuote(program), ...)
    if (!is.null(user)) command <- c("runuser", "-u", user, "--", command)
    suppressWarnings(system2(command[1], command[-1], stdout = TRUE, stderr = TRUE))
  }
  folder <- run("mktemp", "-d", "/tmp/glmpp-postgres-XXXXXX")
  data <- file.path(folder, "data")
  server <- list(run = run, pg_ctl = programs[["pg_ctl"]], folder = folder, data = data, port = 20000L + Sys.getpid() %% 20000L)
  run(programs[["initdb"]], "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
  options <- sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off", server$port)
  run(programs[["pg_ctl"]], "-D", data, "-l", file.path(folder, "log"), "-w", "-t", "30", "-o", shQuote(options), "start", ">/dev/null")
  stop_at_exit(server)
  con <- tryCatch(connect_postgres(server), error = identity)
  if (inherits(con, "error")) return(paste("PostgreSQL did not start:", conditionMessage(con)))
  DBI::dbDisconnect(con)
  server
}

find_postgres <- function() {
  places <- c(dirname(Sys.which("initdb")), rev(Sys.glob("/usr/lib/postgresql/*/bin")))
  for (place in places[nzchar(places)]) {
    programs <- c(initdb = file.path(place, "initdb"), pg_ctl = file.path(place, "pg_ctl"))
    if (all(file.exists(programs))) return(programs)
  }
}

is_root <- function() .Platform$OS.type == "unix" && identical(system2("id", "-u", TRUE, FALSE), "0")

stop_at_exit <- function(server) reg.finalizer(postgres_state, function(state) stop_postgres(server), onexit = TRUE)

stop_postgres <- function(server) {
  server$run(server$pg_ctl, "-D", server$data, "-m", "immediate", "-w", "stop")
  server$run("rm", "-rf", server$folder)
}

connect_postgres <- function(server = postgres_state$server) {
  DBI::dbConnect(RPostgres::Postgres(), host = "127.0.0.1", port = server$port, user = "tester", dbname = "postgres")
}
