rows <- remote_rows(600)

# Chunks of a node's rows, which kill the node in the middle of its `pass`-th pass, as long as the file `flag` is there.
fatal_chunks <- function(data, flag, pass) {
  done <- 0
  passes <- 0
  glmpp::chunks(function(reset) {
    if (reset) {
      passes <<- passes + 1
      return(invisible(done <<- 0))
    }
    if (passes == pass && done > 0 && file.exists(flag)) {
      unlink(flag)
      tools::pskill(Sys.getpid(), 9)
      Sys.sleep(10)
    }
    if (done == nrow(data)) return(NULL)
    chosen <- seq(done + 1, min(done + 50, nrow(data)))
    done <<- max(chosen)
    data[chosen, ]
  })
}

test_that("a fit to the nodes of a cluster is the fit to the rows", {
  cl <- local_cluster()
  models <- list(list(count ~ x * size + text, poisson), list(cbind(share, rest) ~ x + offset(log(exposure)), binomial),
                 list(amount ~ 0 + size + log(z), Gamma("log")), list(answer ~ text, binomial))
  for (model in models) {
    expect_same_fit(glmpp(model[[1]], model[[2]], on_cluster(cl, rows[seq(part, nrow(rows), by = parts), ])),
                    glmpp(model[[1]], model[[2]], rows))
  }
})

test_that("parts with levels of their own are put together, and files and solvers work on nodes", {
  cl <- local_cluster()
  sorted <- rows[order(rows$text), ]
  halves <- list(sorted[1:300, ], sorted[301:600, ])
  files <- c(new_file(".csv"), new_file(".csv"))
  for (k in 1:2) utils::write.csv(halves[[k]], files[k], row.names = FALSE)
  source <- on_cluster(cl, glmpp::csv_chunks(files[part], rows = 70))
  memory <- glmpp(count ~ text + x, poisson, sorted)
  expect_same_fit(glmpp(count ~ text + x, poisson, source), memory)
  expect_equal(coef(glmpp(count ~ text + x, poisson, source, solver = lbfgs(), penalty = ridge(1))),
               coef(glmpp(count ~ text + x, poisson, sorted, solver = lbfgs(), penalty = ridge(1))), tolerance = 1e-8)
})

test_that("robust covariances of a fit to two nodes are those of the definition", {
  cl <- local_cluster()
  expect_direct_sandwich(rows, function(formula, family, data) {
    parallel::clusterExport(cl, "data", environment())
    glmpp(formula, family, on_cluster(cl, data[seq(part, nrow(data), by = parts), ]))
  })
})

test_that("sources are named on nodes as here, on a fresh cluster", {
  cl <- local_cluster()
  sorted <- rows[order(rows$text), ]
  files <- c(new_file(".csv"), new_file(".csv"))
  for (k in 1:2) utils::write.csv(sorted[300 * (k - 1) + 1:300, ], files[k], row.names = FALSE)
  source <- on_cluster(cl, csv_chunks(files[part], rows = 70))
  # What is asked of all rows is asked of all nodes; a factor's codes are those of all of its levels.
  for (formula in list(count ~ text + x, count ~ as.integer(factor(text)) + I(z - min(z)), count ~ scale(z) + cut(z, 3),
      count ~ I(z > mean(z)))) {
    expect_same_fit(glmpp(formula, poisson, source), glmpp(formula, poisson, sorted), 1e-9)
  }
  expect_error(glmpp(count ~ poly(z, 2), poisson, source), "leave their place", class = "glmpp_error_parts")
  expect_error(glmpp(count ~ z, poisson, source, subset = 1:100), class = "glmpp_error_subset")
})

test_that("nodes may hold one class, their own levels, no weight or no rows", {
  cl <- local_cluster()
  complete <- stats::na.omit(rows)
  status <- factor(ifelse(complete$x > 0.4, "sick", "fine"), c("sick", "fine"))
  halves <- split(data.frame(complete, status), status)
  expect_equal(coef(glmpp(status ~ z, binomial, on_cluster(cl, halves[[part]]))),
               coef(glm(status ~ z, binomial, do.call(rbind, halves), epsilon = 1e-12)), tolerance = 1e-8)
  own <- lapply(halves, droplevels)
  expect_error(glmpp(status ~ z, binomial, on_cluster(cl, own[[part]])), "part 1.*part 2", class = "glmpp_error_levels")
  memory <- glmpp(count ~ z, poisson, complete)
  expect_same_fit(glmpp(count ~ z, poisson, on_cluster(cl, if (part == 1) complete else complete[0, ])), memory)
  expect_equal(coef(glmpp(count ~ z, poisson, on_cluster(cl, if (part == 1) complete else transform(complete, z = NA_real_)))),
      coef(memory))
  weighted <- rbind(transform(complete, v = 1), transform(complete, v = 0))
  expect_equal(coef(glmpp(count ~ z, poisson, on_cluster(cl, weighted[weighted$v == part - 1, ]), weights = v)), coef(memory),
      tolerance = 1e-9)
})

test_that("what follows a fit works from the nodes", {
  skip_if_not_installed("sandwich")
  cl <- local_cluster()
  fit <- glmpp(count ~ x + size, poisson, on_cluster(cl, rows[seq(part, nrow(rows), by = parts), ]))
  memory <- glmpp(count ~ x + size, poisson, rows)
  plain <- as.glm(memory)
  expect_equal(summary_text(fit), summary_text(memory))
  expect_equal(vcov(fit, type = "HC1"), sandwich::vcovHC(plain, type = "HC1"), tolerance = 1e-10)
  expect_equal(vcov(fit, type = "HC1", cluster = ~id), sandwich::vcovCL(plain, ~id, type = "HC1"), tolerance = 1e-10)
  expect_equal(anova(fit)$Deviance, anova(plain, test = "Chisq")$Deviance, tolerance = 1e-6)
  here <- glmpp(count ~ x + size, poisson, chunks_of(rows, 100))
  expect_equal(confint(fit, 2, method = "profile"), confint(here, 2, method = "profile"), tolerance = 1e-6)
})

test_that("what an expression refers to travels, and its surroundings do not", {
  cl <- local_cluster()
  shift <- 2
  double_of <- function(v) 2 * v
  fit_here <- function() {
    heavy <- numeric(3e7)  # 240 MB
    factor <- 3
    source <- on_cluster(cl, rows[seq(part, nrow(rows), by = parts), ])
    glmpp(count ~ I(double_of(x) - shift) + I(factor * z), poisson, source)
  }
  fit <- fit_here()
  factor <- 3
  expect_same_fit(fit, glmpp(count ~ I(double_of(x) - shift) + I(factor * z), poisson, rows))
  expect_false("heavy" %in% ls(fit$remote$source$scope))
})

test_that("errors on a node say where, and leave the cluster usable", {
  cl <- local_cluster()
  expect_error(glmpp(count ~ x, poisson, on_cluster(cl, stop("no such file"))), "no such file.*In part 1, on Node 1",
               class = "glmpp_error_node")
  expect_error(glmpp(count ~ x, poisson, on_cluster(cl, part)), class = "glmpp_error_node")
  expect_error(glmpp(count ~ absent, poisson, on_cluster(cl, rows)), "absent.*part 1", class = "glmpp_error_frame")
  expect_error(glmpp(count ~ x, poisson, on_cluster(cl, if (part == 1) rows else transform(rows, x = "a"))),
               "part 2", class = "glmpp_error_parts")
  expect_error(on_cluster(1, rows), class = "glmpp_error_argument")
  expect_equal(unlist(parallel::clusterCall(cl, function() 1 + 1)), c(2, 2))
  expect_equal(unlist(parallel::clusterEvalQ(cl, length(ls(glmpp:::node_homes)))), c(0, 0))
})

test_that("a node that dies in the middle of a pass is named, and the others stay in step", {
  cl <- local_cluster()
  flag <- new_file()
  file.create(flag)
  source <- on_cluster(cl, if (part == 2) fatal_chunks(rows[301:600, ], flag, 3) else rows[1:300, ])
  expect_error(glmpp(count ~ x, poisson, source), "Node 2.*part 2", class = "glmpp_error_node")
  expect_equal(parallel::clusterCall(cl[1], function() 1 + 1), list(2))
})

test_that("with recover, another node takes over, and the answer is the same to the bit", {
  cl <- local_cluster()
  flag <- new_file()
  source <- on_cluster(cl, fatal_chunks(rows[seq(part, nrow(rows), by = parts), ], if (part == 1) flag else "", 3),
                       recover = TRUE)
  whole <- glmpp(count ~ x, poisson, source)
  file.create(flag)
  recovered <- glmpp(count ~ x, poisson, source)
  expect_false(file.exists(flag))
  expect_identical(coef(recovered), coef(whole))
  expect_identical(deviance(recovered), deviance(whole))
})

test_that("a part that comes back with other rows is refused", {
  cl <- local_cluster()
  flag <- new_file()
  file.create(flag)
  source <- on_cluster(cl, fatal_chunks(if (file.exists(flag)) rows else rows[-1, ], if (part == 1) flag else "", 2), recover = TRUE)
  expect_error(glmpp(count ~ x, poisson, source), "came back with other rows", class = "glmpp_error_node")
})

test_that("a process that has lost its part, or never had it, makes it anew", {
  cl <- local_cluster()
  forgetful <- function(data) {
    passes <- 0
    is_read <- FALSE
    glmpp::chunks(function(reset) {
      if (reset) {
        passes <<- passes + 1
        if (passes == 3) rm(list = ls(glmpp:::node_homes), envir = glmpp:::node_homes)
        return(invisible(is_read <<- FALSE))
      }
      if (!is_read) {
        is_read <<- TRUE
        data
      }
    })
  }
  source <- on_cluster(cl, forgetful(rows[seq(part, nrow(rows), by = parts), ]))
  expect_same_fit(glmpp(count ~ x + text, poisson, source), glmpp(count ~ x + text, poisson, rows))
})

test_that("a process that opened a part, while another began it, asks for the recipe", {
  assign("0-0-0 1", list(close = function() NULL), envir = node_homes)
  on.exit(forget_on_node("0-0-0"))
  expect_true(answer_on_node("0-0-0", "pass", 1, list(), NULL)[[1]]$is_unknown)
  expect_null(answer_on_node("0-0-0", "begin", 1, list(NULL, 1), NULL)[[1]]$is_unknown)
})

test_that("mirai's clusters do the same", {
  skip_if_not_installed("mirai")
  skip_on_cran()
  cl <- mirai::make_cluster(2)
  on.exit(try(parallel::stopCluster(cl), silent = TRUE))
  parallel::clusterEvalQ(cl, requireNamespace("glmpp"))
  flag <- new_file()
  source <- on_cluster(cl, fatal_chunks(rows[seq(part, nrow(rows), by = parts), ], if (part == 1) flag else "", 3),
                       recover = TRUE)
  memory <- glmpp(count ~ x + text, poisson, rows)
  expect_same_fit(glmpp(count ~ x + text, poisson, source), memory)
  file.create(flag)
  expect_same_fit(glmpp(count ~ x + text, poisson, source), memory)
})

test_that("sgd() on one node is sgd() on the rows in parts; on two it averages", {
  cl <- local_cluster()
  complete <- stats::na.omit(rows)
  first_chunk <- function(data) {
    is_read <- TRUE
    chunks(function(reset) {
      was_read <- is_read
      is_read <<- !reset
      if (!reset && !was_read) data
    })
  }
  steps <- list(sgd(0.01, epochs = 2), sgd(0.02, 3, batch_size = 8, schedule = "adagrad", gradient = "mean"), sgd(epochs = 3, seed = 5))
  for (step in steps) {
    alone <- glmpp(count ~ x + size, poisson, on_cluster(cl[1], complete), solver = step, penalty = ridge(2))
    expect_equal(coef(alone), coef(glmpp(count ~ x + size, poisson, first_chunk(complete), solver = step, penalty = ridge(2))),
                 tolerance = 1e-12)
  }
  source <- on_cluster(cl, complete[seq(part, nrow(complete), by = parts), ])
  # One epoch on two nodes is the mean of theirs.
  once <- glmpp(count ~ x, poisson, source, solver = sgd(0.01, epochs = 1), start = c(0, 0))
  halves <- lapply(1:2, function(part) complete[seq(part, nrow(complete), by = 2), ])
  sizes <- vapply(halves, nrow, 0L)
  apart <- vapply(halves, function(half) coef(glmpp(count ~ x, poisson, half, solver = sgd(0.01, epochs = 1), start = c(0, 0))),
                  c(0, 0))
  expect_equal(unname(coef(once)), unname(drop(apart %*% sizes)) / sum(sizes), tolerance = 1e-12)
  optimum <- glmpp(count ~ x + size, poisson, complete)
  near <- glmpp(count ~ x + size, poisson, source, solver = sgd(epochs = 40))
  expect_lt(near$deviance, 1.001 * optimum$deviance)
  only_intercept <- glmpp(count ~ 1, poisson, source, solver = sgd(epochs = 40))
  expect_equal(coef(only_intercept), coef(glmpp(count ~ 1, poisson, complete)), tolerance = 1e-2)
})

test_that("sgd() goes on when another node takes over", {
  cl <- local_cluster()
  complete <- stats::na.omit(rows)
  flag <- new_file()
  source <- on_cluster(cl, fatal_chunks(complete[seq(part, nrow(complete), by = parts), ], if (part == 1) flag else "", 6),
                       recover = TRUE)
  whole <- glmpp(count ~ x, poisson, source, solver = sgd(epochs = 5, shuffle = FALSE))
  file.create(flag)
  recovered <- glmpp(count ~ x, poisson, source, solver = sgd(epochs = 5, shuffle = FALSE))
  expect_false(file.exists(flag))
  expect_equal(coef(recovered), coef(whole), tolerance = 0.05)
})

test_that("the parts may be tables of a database", {
  skip_if_not_installed("RSQLite")
  skip_if_not_installed("dbplyr")
  cl <- local_cluster()
  file <- new_file(".sqlite")
  con <- DBI::dbConnect(RSQLite::SQLite(), file)
  for (part in 1:2) DBI::dbWriteTable(con, paste0("part", part), rows[rows$id %% 2 == part - 1, c("count", "x", "text", "exposure")])
  DBI::dbDisconnect(con)
  memory <- glmpp(count ~ x + text + offset(log(exposure)), poisson, rows)
  for (where in c("stream", "database")) {
    source <- on_cluster(cl, {
      con <- DBI::dbConnect(RSQLite::SQLite(), file)
      glmpp::in_database(con, paste0("part", part), where = where)
    })
    expect_same_fit(glmpp(count ~ x + text + offset(log(exposure)), poisson, source), memory)
  }
  expect_error(glmpp(count ~ x, poisson, source, solver = sgd()), "only sums come from there", class = "glmpp_error_solver")
})

# MPI starts its processes from a session of its own, and where no MPI is set up only complains.
run_with_mpi <- function(lines) {
  script <- new_file(".R")
  writeLines(lines, script)
  root <- c("OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
  suppressWarnings(system2("mpirun", c("--oversubscribe", "-np", "1", shQuote(file.path(R.home("bin"), "Rscript")), shQuote(script)),
                           stdout = TRUE, stderr = TRUE, env = root, timeout = 120))
}

test_that("snow's clusters on MPI do the same", {
  skip_on_cran()
  for (package in c("snow", "Rmpi")) skip_if_not(nzchar(system.file(package = package)), paste(package, "is there"))
  skip_if_not(nzchar(Sys.which("mpirun")), "mpirun is there")
  data <- new_file(".rds")
  result <- new_file(".rds")
  saveRDS(rows, data)
  output <- run_with_mpi(c(
    sprintf(".libPaths(%s)", deparse1(.libPaths())),
    "cl <- parallel::makeCluster(2, type = 'MPI')",
    sprintf("file <- %s", deparse1(data)),
    "rows <- glmpp::on_cluster(cl, readRDS(file)[seq(part, 600, by = parts), ])",
    "fit <- glmpp::glmpp(count ~ x * size + text, poisson, rows)",
    sprintf("saveRDS(list(coef(fit), vcov(fit, type = 'HC0'), fit$deviance), %s)", deparse1(result)),
    "parallel::stopCluster(cl)", "Rmpi::mpi.quit()"
  ))
  skip_if_not(file.exists(result), paste(c("MPI works:", utils::tail(output, 3)), collapse = " "))
  expected <- glmpp(count ~ x * size + text, poisson, rows)
  expect_equal(readRDS(result), list(coef(expected), vcov(expected, type = "HC0"), expected$deviance), tolerance = 1e-10)
})
