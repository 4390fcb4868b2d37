# What a fit can have, over homes of the data x solvers x penalties: every stage is there, or a sentence says why not; and
# what is said is so.

stages <- c("groups", "sample", "rescue", "second_try", "aliased", "separation", "sandwich", "profile")

# Few distinct rows, enough of them for a sample to pay, and one column too many.
plain_rows <- with_local_seed(3, {
  rows <- 70000
  data <- data.frame(f = factor(sample(letters[1:4], rows, TRUE)), g = sample(0:3, rows, TRUE))
  data$twice <- 2 * data$g
  data$y <- rbinom(rows, 1, plogis(0.3 * data$g - 0.5 * (data$f == "b")))
  data
})
spread_rows <- transform(plain_rows, x = with_local_seed(4, rnorm(70000)))

facility_homes <- function(env = parent.frame()) {
  homes <- list(memory = identity, chunks = function(data) chunks_of(data, 40000))
  cluster <- local_cluster(env = env)
  homes$cluster <- function(data) {
    force(data)
    on_cluster(cluster, data[seq(part, nrow(data), by = parts), ])
  }
  if (requireNamespace("RSQLite", quietly = TRUE) && requireNamespace("dbplyr", quietly = TRUE)) {
    homes$`database groups` <- homes$`database sums` <- function(data) {
      connection <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
      do.call(on.exit, list(bquote(DBI::dbDisconnect(.(connection))), add = TRUE), envir = env)
      RSQLite::initExtension(connection, "math")
      DBI::dbWriteTable(connection, "d", data)
      in_database(connection, "d", where = "database")
    }
  }
  homes
}

facilities_of <- function(fit, settings) {
  asked <- function(problem) glmpp:::facilities(problem, settings)
  if (inherits(fit, "glmpp_remote")) glmpp:::with_problem(fit, asked) else asked(glmpp:::problem_of(fit))
}

is_served <- function(name, lacks) !any(glmpp:::solver_facts(list(name = name))$needs %in% lacks)

test_that("every stage is there for every home, solver and penalty, or a sentence says why not", {
  homes <- facility_homes()
  penalties <- list(none = NULL, ridge = ridge(1e-9))
  said <- list()
  for (home in names(homes)) {
    data <- if (home == "database sums") spread_rows[1:2000, ] else plain_rows
    formula <- if (home == "database sums") y ~ f + x else y ~ f + g
    fit <- glmpp(formula, binomial, homes[[home]](data))
    for (solver in plain_solvers()) for (penalty in names(penalties)) {
      settings <- glmpp:::new_settings(list(), solver, NULL, penalties[[penalty]])
      found <- facilities_of(fit, settings)
      expect_named(found, stages, info = home)
      expect_true(all(nzchar(found)) && !anyNA(found), info = paste(home, solver, penalty))
      said[[paste(home, solver, penalty, sep = ", ")]] <- found
    }
  }
  table <- do.call(rbind, said)
  # In memory, without a penalty, second-order methods lack nothing.
  for (solver in c("irls", "newton", "coordinate_descent")) {
    expect_true(all(table[sprintf("memory, %s, none", solver), ] == "yes"), info = solver)
    for (home in c("chunks", "cluster")) {
      expect_identical(setdiff(stages[table[sprintf("%s, %s, none", home, solver), ] != "yes"], "groups"), character(), info = home)
    }
  }
  lines <- unique(sprintf("%s: %s", rep(colnames(table), each = nrow(table)), table))
  expect_snapshot(cat(sort(lines), sep = "\n"))
})

test_that("groups are iterated on wherever they are reported", {
  plain <- glmpp(y ~ f + g, binomial, plain_rows)
  for (solver in setdiff(plain_solvers(), "sgd")) for (penalty in list(NULL, ridge(1e-9))) {
    fit <- suppressWarnings(glmpp(y ~ f + g, binomial, plain_rows, solver = solver, penalty = penalty, trace = TRUE))
    expect_equal(fit$solver$grouped_rows, 16, info = solver)
    expect_equal(deviance(fit), deviance(plain), tolerance = 1e-9, info = solver)
    # The trace tells the deviance of the rows, not that of the groups.
    expect_equal(fit$trace$deviance[nrow(fit$trace)], deviance(fit), tolerance = 1e-9, info = solver)
    expect_equal(unname(coef(fit)), unname(coef(plain)), tolerance = 1e-6, info = solver)
  }
  # A pass over the groups costs next to nothing: passes of a pass over the rows tell them apart.
  problem <- glmpp:::problem_of(plain)
  expect_identical(glmpp:::facilities(problem)[["groups"]], "yes")
  offset <- glmpp(y ~ f + g, binomial, plain_rows, offset = rep(0.1, 70000))
  expect_true(is.na(offset$solver$grouped_rows))
  expect_match(glmpp:::facilities(glmpp:::problem_of(offset))[["groups"]], "offset")
})

test_that("second-order methods start from a sample, with a penalty and from afar too", {
  first_line <- function(...) {
    fit <- glmpp(y ~ f + g + x, binomial, ..., trace = "coefficients")
    list(first = attr(fit$trace, "coefficients")[1, ], last = unname(coef(fit)), error = sqrt(diag(vcov(fit))))
  }
  for (data in list(spread_rows, chunks_of(spread_rows, 40000))) {
    for (solver in c("irls", "newton", "coordinate_descent")) for (penalty in list(NULL, ridge(1))) {
      line <- first_line(data, solver = solver, penalty = penalty)
      expect_lt(max(abs(line$first - line$last) / line$error), 10, label = solver)
      expect_gt(max(abs(line$first - line$last) / line$error), 1e-3, label = solver)
    }
    expect_identical(unname(first_line(data, solver = "lbfgs")$first), numeric(6))
  }
})

test_that("bounded links are rescued for every second-order method, with a ridge and from afar", {
  heart <- classic("heart")
  heart[3:6] <- lapply(heart[3:6], factor)
  formula <- cbind(Deaths, Patients - Deaths) ~ AgeGroup + Severity + Delay + Region
  lowest <- deviance(glmpp(formula, binomial("log"), heart))
  for (data in list(heart, chunks_of(heart, 20))) {
    for (solver in c("irls", "newton", "coordinate_descent")) for (penalty in list(NULL, ridge(1e-8))) {
      fit <- expect_no_warning(glmpp(formula, binomial("log"), data, solver = solver, penalty = penalty))
      expect_true(fit$converged, info = solver)
      expect_equal(fit$deviance, lowest, tolerance = 1e-12, info = solver)
    }
  }
})

test_that("aliased columns are settled alike in every home", {
  memory <- glmpp(y ~ g + f + twice, binomial, plain_rows)
  for (home in facility_homes()) {
    fit <- glmpp(y ~ g + f + twice, binomial, home(plain_rows))
    expect_equal(coef(fit), coef(memory), tolerance = 1e-10)
    expect_equal(fit$aliased, memory$aliased, tolerance = 1e-8)
    started <- glmpp(y ~ g + f + twice, binomial, home(plain_rows), start = c(0, 0, 0, 0, 0, 0.1))
    expect_equal(coef(started), coef(memory), tolerance = 1e-8)
  }
})

test_that("what a solver needs and the home lacks is refused before any pass", {
  connection <- local_sqlite()
  DBI::dbWriteTable(connection, "d", spread_rows[1:100, ])
  source <- in_database(connection, "d", where = "database")
  expect_error(glmpp(y ~ x, binomial, source, solver = "newton"), "observed information", class = "glmpp_error_solver")
  expect_error(glmpp(y ~ x, binomial, source, solver = "sgd"), "row after the other", class = "glmpp_error_solver")
  expect_error(glmpp(y ~ x, binomial("log"), spread_rows, solver = "sgd"), "leaves the range", class = "glmpp_error_solver")
})

test_that("held coefficients stay, for every solver and home", {
  rows <- spread_rows[1:3000, ]
  fit <- glmpp(y ~ f + g + x, binomial, rows)
  start <- c(0, 0.5, 0, 0, 0, 0.2)
  with_offset <- glmpp(y ~ f + g, binomial, transform(rows, f = factor(ifelse(f == "b", "a", as.character(f)))),
                       offset = 0.2 * x + 0.5 * (rows$f == "b"))
  for (solver in setdiff(plain_solvers(), "sgd")) {
    settings <- glmpp:::new_settings(list(), solver)
    for (home in list(identity, function(data) chunks_of(data, 1000))) {
      solve_held <- function(problem) glmpp:::fit_problem(problem, start, held = c(2L, 6L), settings = settings)
      made <- glmpp(y ~ f + g + x, binomial, home(rows))
      solution <- if (inherits(made, "glmpp_remote")) glmpp:::with_problem(made, solve_held) else solve_held(glmpp:::problem_of(made))
      expect_identical(solution$coefficients[c(2, 6)], start[c(2, 6)], info = solver)
      expect_equal(solution$coefficients[-c(2, 6)], unname(coef(with_offset)), tolerance = 1e-5, info = solver)
      expect_identical(solution$estimable, c(1L, 3L, 4L, 5L), info = solver)
    }
  }
})
