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

# A connection of each engine that is here, closed when the test ends.
local_engine <- function(engine, envir = parent.frame()) {
  testthat::skip_if_not_installed("DBI")
  testthat::skip_if_not_installed("dbplyr")
  con <- switch(engine,
    SQLite = {
      testthat::skip_if_not_installed("RSQLite")
      DBI::dbConnect(RSQLite::SQLite(), ":memory:")
    },
    PostgreSQL = {
      skip_without_postgres()
      connect_postgres()
    },
    DuckDB = {
      testthat::skip_if_not_installed("duckdb")
      suppressMessages(DBI::dbConnect(duckdb::duckdb()))
    }
  )
  do.call(on.exit, list(bquote(disconnect(.(con))), add = TRUE), envir = envir)
  con
}

# SQLite with exp() and log().
local_sqlite <- function(envir = parent.frame()) {
  con <- local_engine("SQLite", envir)
  RSQLite::initExtension(con, "math")
  con
}

disconnect <- function(con) {
  if (!DBI::dbIsValid(con)) return(invisible())
  if (inherits(con, "PqConnection")) for (table in DBI::dbListTables(con)) DBI::dbRemoveTable(con, table)
  DBI::dbDisconnect(con)
}

engines <- c("SQLite", "PostgreSQL", "DuckDB")

database_rows <- function(count = 1e4) {
  at <- function(k) (seq_len(count) * k) %% 1009 / 1009
  rows <- data.frame(x1 = 100 + qnorm((at(37) + 0.0005)), x2 = at(101), f = c("a", "b", "c'x")[1 + (seq_len(count) * 7) %% 3],
                     g = 1L + (seq_len(count) * 31) %% 4L, w = 0.5 + at(211), e = 1 + at(59), u = at(997), v = at(613))
  rows$g <- as.integer(rows$g)
  rows$counts <- qpois(rows$u, exp(-1 + 0.5 * (rows$x1 - 100) + 0.3 * (rows$f == "b") + log(rows$e)))
  rows$success <- as.integer(rows$v < plogis(0.3 * (rows$x1 - 100) + rows$x2 * (rows$f == "a")))
  rows$positive <- qgamma(rows$u * 0.998 + 0.001, 2, 2 / exp(0.1 * rows$x2 + 0.2 * (rows$g == 2)))
  rows$x1[5:9] <- NA
  rows$f[c(3, 7)] <- NA
  rows
}

expect_fit_of_memory <- function(ours, reference, tolerance = 1e-8, label = NULL) {
  ours_table <- summary(ours)$coefficients
  reference_table <- summary(reference)$coefficients
  label <- paste(label, deparse1(formula(reference)), reference$family$family, reference$family$link)
  difference <- function(a, b) max(abs(a - b) / pmax(abs(b), reference_table[, 2] * 1e-3))
  testthat::expect_identical(dimnames(ours_table), dimnames(reference_table), label = label)
  testthat::expect_lt(difference(ours_table[, 1], reference_table[, 1]), tolerance, label = paste(label, "coefficients"))
  testthat::expect_lt(max(abs(ours_table[, 2] / reference_table[, 2] - 1)), tolerance, label = paste(label, "standard errors"))
  for (component in c("deviance", "null.deviance", "df.residual", "df.null")) {
    testthat::expect_equal(ours[[component]], reference[[component]], tolerance = tolerance, label = paste(label, component))
  }
  testthat::expect_equal(ours$aic, reference$aic, tolerance = tolerance, label = paste(label, "AIC"))
  testthat::expect_length(ours$na.action, length(reference$na.action))
}

# The home that sums in the database, at the point where it answers passes.
open_sums <- function(con, table, formula, family) {
  call <- as.call(list(quote(glmpp), formula = formula))
  source <- in_database(con, table, "database")
  model <- glmpp:::new_remote_model(call, family, environment(formula), glmpp:::new_settings(list()), NULL, NULL, stats::na.omit)
  home <- glmpp:::open_home(source, model)
  outline <- home$outline()
  home$begin(glmpp:::new_schema(glmpp:::outline_frame(outline)), outline$kept)
  home
}

# The query of a pass of `home`, as another engine would be asked.
simulated_pass <- function(home, con) {
  state <- environment(home$pass)$home
  database <- glmpp:::new_database(con, glmpp:::quote_name(glmpp:::new_database(con, ""), "d"))
  plan <- new_plan_for(state, database)
  predictor <- glmpp:::predictor_sql(plan, database, seq_along(plan$multiplier) / 8)
  columns <- glmpp:::sum_columns(plan, c(score = TRUE, information = TRUE), NULL)
  glmpp:::grouped_query(database, paste0("g", plan$factors), columns, glmpp:::pass_query(plan, database, state$terms, predictor))
}

# The same plan with its variables said in another dialect.
new_plan_for <- function(state, database) {
  plan <- state$plan
  said <- glmpp:::new_plan(list(database = database, model = state$model), state$template)
  for (k in seq_along(plan$variables)) plan$variables[[k]]$columns <- said$variables[[k]]$columns
  plan$offset <- said$offset
  plan
}
