# Separation of rows that are elsewhere: what passes prove is what is proved in memory.

ten <- data.frame(x = 1:10, y = rep(0:1, each = 5))

fitted_quietly <- function(expression) {
  seen <- character()
  fit <- withCallingHandlers(expression, warning = function(w) {
    seen <<- c(seen, class(w)[1])
    invokeRestart("muffleWarning")
  })
  list(fit = fit, separation = fit$separation, warnings = seen)
}

# The path to infinity, and with it the direction, may hang on rounding; what is separated does not.
expect_same_separation <- function(far, memory, label = "separation", signs = TRUE) {
  fixed <- c("type", "rows", "levels", "constant", if (signs) "coefficients")
  expect_equal(far[fixed], memory[fixed], label = label)
}

expect_separates <- function(separation, x, sides, label) {
  moves <- drop(x[!is.na(sides), names(separation$direction), drop = FALSE] %*% separation$direction)
  sides <- sides[!is.na(sides)]
  expect_true(all(moves * sides > -1e-6) && all(abs(moves[sides == 0]) < 1e-6), label = label)
  expect_lte(sum(moves * sides > 1e-6), separation$rows$count, label = label)
}

# Small data: factors with pure levels, grids, weights of zero, aliased columns, with and without an intercept.
separable_case <- function(seed) {
  set.seed(seed)
  rows <- sample(6:40, 1)
  d <- data.frame(g = factor(sample(letters[1:3], rows, TRUE)), v = sample(-2:2, rows, TRUE), z = rnorm(rows),
                  w = if (seed %% 3 == 0) sample(0:2, rows, TRUE) else 1)
  d$copy <- 2 * d$v - 1
  eta <- sample(c(0.5, 3, 8), 1) * (d$v + (d$g == "b")) + d$z
  family <- list(binomial(), binomial("probit"), poisson(), quasibinomial(), binomial("cauchit"), quasipoisson())[[1 + seed %% 6]]
  is_count <- family$family %in% c("poisson", "quasipoisson")
  d$y <- if (is_count) rpois(rows, exp(pmin(eta, 3) - 1)) else rbinom(rows, 1, plogis(eta))
  if (seed %% 4 == 0) d$y[d$g == "c"] <- 0
  if (seed %% 5 == 0) d$z[sample(rows, 2)] <- NA
  formulas <- list(y ~ g + v + z, y ~ g + v, y ~ g * v, y ~ v + z + copy, y ~ g + z - 1, y ~ z + v - 1)
  list(formula = formulas[[1 + (seed * 7) %% 5]], family = family, data = d, is_count = is_count)
}

# The solution and the problem of a fit, as the search for separation is given them.
searched <- function(fit) {
  given <- NULL
  with_replaced("find_separation", function(solution, problem) {
    given <<- list(solution = solution, problem = problem)
    NULL
  }, suppressWarnings(fit))
  given
}

# The search by passes over rows in memory, from where the fit in memory ended, with its last step.
search_in_parts <- function(case, size) {
  given <- searched(glmpp(case$formula, case$family, case$data, weights = w, threads = 1))
  frame <- stats::model.frame(case$formula, case$data, weights = w)
  model <- list(family = case$family, threads = 1L)
  pieces <- split(seq_len(nrow(frame)), (seq_len(nrow(frame)) - 1) %/% size)
  schema <- given$problem$schema
  parts <- lapply(pieces, function(rows) {
    piece <- frame[rows, , drop = FALSE]
    list(design = glmpp:::design_blocks(schema, piece),
         response = suppressWarnings(glmpp:::read_response(piece, given$problem$family, NULL, is_part = TRUE)))
  })
  answer <- function(question) {
    Reduce(glmpp:::merge_searches, lapply(parts, function(rows) glmpp:::search_rows(rows, schema, model, question)))
  }
  problem <- c(given$problem[setdiff(names(given$problem), "home")], list(home = list(search = answer)))
  step <- glmpp:::last_step(given$solution, given$problem$design)
  search <- function() glmpp:::search_afar(given$solution, problem, glmpp:::new_inquiry(given$solution, problem))
  list(far = with_replaced("step_of_rest", function(...) step, search()),
       memory = glmpp:::find_separation(given$solution, given$problem))
}

test_that("from one and the same end, passes find what memory finds: direction, signs, rows and levels", {
  tally <- c(separated = 0, complete = 0, none = 0)
  for (seed in 1:150) {
    case <- separable_case(seed)
    if (!any(case$data$w > 0)) next
    found <- search_in_parts(case, c(1, 3, 7, 100)[1 + seed %% 4])
    expect_equal(is.null(found$far), is.null(found$memory), label = paste("seed", seed))
    expect_same_separation(found$far, found$memory, paste("seed", seed))
    expect_equal(found$far$direction, found$memory$direction, tolerance = 1e-4, label = paste("direction, seed", seed))
    kind <- if (is.null(found$memory)) "none" else if (found$memory$type == "complete") "complete" else "separated"
    tally[kind] <- tally[kind] + 1
  }
  expect_gt(min(tally), 10)
})

test_that("fits from chunks of any size say of separation what fits in memory say", {
  agrees <- c()
  for (seed in 1:60) {
    case <- separable_case(seed)
    if (!any(case$data$w > 0)) next
    size <- c(1, 5, 100)[1 + seed %% 3]
    memory <- fitted_quietly(glmpp(case$formula, case$family, case$data, weights = w))
    far <- fitted_quietly(glmpp(case$formula, case$family, chunks_of(case$data, size), weights = w))
    label <- paste("seed", seed)
    agrees <- c(agrees, isTRUE(all.equal(far$separation$coefficients, memory$separation$coefficients)))
    expect_same_separation(far$separation, memory$separation, label, signs = FALSE)
    for (class in paste0("glmpp_warning_", c("separation", "separation_check", "extreme_means"))) {
      expect_equal(class %in% far$warnings, class %in% memory$warnings, label = paste(label, class))
    }
    if (is.null(far$separation)) next
    frame <- model.frame(case$formula, case$data, weights = w)
    sides <- expected_sides(frame$y, if (case$is_count) rep(1, nrow(frame)) else 1 - frame$y, case$is_count)
    expect_separates(far$separation, model.matrix(case$formula, frame), replace(sides, frame[["(weights)"]] == 0, NA), label)
  }
  expect_gt(mean(agrees), 0.9)
})

test_that("the nodes of a cluster prove it", {
  skip_on_cran()
  cl <- tryCatch(parallel::makeCluster(2), error = function(e) skip("no cluster can be started"))
  on.exit(parallel::stopCluster(cl))
  for (seed in c(4, 8, 14, 22, 37)) {
    case <- separable_case(seed)
    rows <- case$data
    half <- seq_len(nrow(rows)) <= nrow(rows) / 2
    halves <- list(rows[half, ], rows[!half, ])
    memory <- fitted_quietly(glmpp(case$formula, case$family, rows, weights = w))
    far <- fitted_quietly(glmpp(case$formula, case$family, on_cluster(cl, halves[[part]]), weights = w))
    expect_same_separation(far$separation, memory$separation, paste("seed", seed), signs = FALSE)
  }
  expect_s3_class(fitted_quietly(glmpp(y ~ x, binomial, on_cluster(cl, ten[seq(part, 10, by = parts), ])))$fit, "glmpp_remote")
})

test_that("the distinct rows of a database prove it, its sums claim nothing", {
  con <- local_sqlite()
  set.seed(3)
  d <- data.frame(g = sample(letters[1:4], 400, TRUE), v = sample(0:3, 400, TRUE))
  d$y <- ifelse(d$g == "b", 1, rbinom(400, 1, 0.4))
  DBI::dbWriteTable(con, "d", d)
  for (formula in list(y ~ g + v, as.numeric(v > 1) ~ g + v, y ~ v)) {
    memory <- fitted_quietly(glmpp(formula, binomial, d))$separation
    far <- fitted_quietly(glmpp(formula, binomial, in_database(con, "d", where = "database")))$separation
    expect_equal(far$rows$count, memory$rows$count)
    expect_length(far$rows$first, 0)
    expect_equal(far[c("type", "levels", "coefficients")], memory[c("type", "levels", "coefficients")])
    stream <- fitted_quietly(glmpp(formula, binomial, in_database(con, "d")))$separation
    expect_same_separation(stream, memory)
  }
  apart <- data.frame(x = c(runif(200), 2 + runif(200)), y = rep(0:1, each = 200))
  DBI::dbWriteTable(con, "apart", apart)
  fit_by_sums <- function() {
    with_replaced("is_groupable", function(...) FALSE, glmpp(y ~ x, binomial, in_database(con, "apart", where = "database")))
  }
  by_sums <- fitted_quietly(fit_by_sums())
  expect_null(by_sums$separation)
  expect_false(any(c("glmpp_warning_separation", "glmpp_warning_separation_check") %in% by_sums$warnings))
})

test_that("ten separated rows: memory and chunks end the same way", {
  memory <- expect_warning(glmpp(y ~ x, binomial, ten), class = "glmpp_warning_separation")
  said <- conditionMessage(memory)
  memory <- suppressWarnings(glmpp(y ~ x, binomial, ten))
  for (size in c(1, 3, 10)) {
    warning <- expect_warning(far <- glmpp(y ~ x, binomial, chunks_of(ten, size)), class = "glmpp_warning_separation")
    expect_equal(conditionMessage(warning), said)
    expect_equal(far$converged, memory$converged)
    expect_equal(far$solver$reason, memory$solver$reason)
    expect_same_separation(far$separation, memory$separation)
  }
  expect_output(print(summary(far)), "No maximum likelihood estimate (complete separation)", fixed = TRUE)
})

test_that("factor levels, a constant response and overlap are told apart from afar", {
  d <- data.frame(y = c(0, 1, 1, 1, 1, 1, 1, 0, 1), g = rep(c("a", "b", "c"), c(2, 4, 3)))
  expect_warning(fit <- glmpp(y ~ g, binomial, chunks_of(d, 4)), "`g`: only successes at \"b\"", class = "glmpp_warning_separation")
  expect_equal(fit$separation$coefficients, c(gb = Inf))
  expect_equal(fit$separation$rows, list(count = 4, first = 3:6))
  expect_warning(glmpp(y ~ x, binomial, chunks_of(transform(ten, y = 1), 4)), "constant (only successes)", fixed = TRUE,
                 class = "glmpp_warning_separation")
  x <- c(1:10, 400)
  overlap <- data.frame(x = x, y = c(0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1))
  expect_warning(fit <- glmpp(y ~ x, binomial, chunks_of(overlap, 4)), "No separation was found", class = "glmpp_warning_extreme_means")
  expect_null(fit$separation)
})

test_that("early stopping hides no separation from afar", {
  endometrial <- read.csv(test_path("fixtures", "endometrial.csv"))
  for (control in list(list(maxit = 1), list(maxit = 4), list(epsilon = 1e-2))) {
    fit <- suppressWarnings(glmpp(HG ~ NV + PI + EH, binomial, chunks_of(endometrial, 20), control = control))
    expect_equal(fit$separation$coefficients, c(NV = Inf), label = deparse1(control))
    expect_null(suppressWarnings(glmpp(HG ~ PI + EH, binomial, chunks_of(endometrial, 20), control = control))$separation)
  }
})

# How many rows of a design are looked at one by one.
count_expanded <- function(code) {
  expand <- glmpp:::design_rows_impl
  count <- 0
  with_replaced("design_rows_impl", function(design, rows) {
    count <<- count + length(rows)
    expand(design, rows)
  }, code)
  count
}

test_that("few of 20,000 rows come to R", {
  set.seed(1)
  many <- data.frame(a = rnorm(2e4), b = rnorm(2e4), c = rnorm(2e4), g = factor(sample(letters, 2e4, TRUE)))
  many$y <- as.numeric(many$a - 2 * many$b + 0.5 * many$c + 0.1 * as.integer(many$g) > 1)
  passes <- 0
  search <- glmpp:::search_rows
  count <- count_expanded(with_replaced("search_rows", function(...) {
    passes <<- passes + 1
    search(...)
  }, fit <- suppressWarnings(glmpp(y ~ a + b + c + g, binomial, chunks_of(many, 5000), control = list(maxit = 2)))))
  expect_equal(fit$separation$type, "complete")
  expect_equal(fit$separation$rows, list(count = 2e4, first = 1:10))
  expect_lt(passes / 4, 30)
  expect_lt(count, 2000)
})

test_that("a search that does not end, or fails, is said, and the fit stands", {
  fit_without <- function(name, replacement) {
    with_replaced(name, replacement, glmpp(y ~ x, binomial, chunks_of(ten, 3)))
  }
  expect_warning(
    warning <- expect_warning(fit <- fit_without("orthogonal_basis", function(...) stop("no room")), class = "glmpp_warning_separation_check"),
    class = "glmpp_warning_extreme_means"
  )
  expect_match(conditionMessage(warning), "could not be decided.*no room")
  expect_null(fit$separation)
  expect_warning(suppressWarnings(fit_without("most_search_passes", 1), "glmpp_warning_extreme_means"), "after 1 pass",
                 class = "glmpp_warning_separation_check")
})

test_that("a part whose rows have no weight is as good as any", {
  d <- data.frame(x = 1:12, y = rep(0:1, 6), n = rep(c(0, 1), each = 6))
  expect_same_fit(glmpp(y ~ x, binomial, chunks_of(d, 3), weights = n), glmpp(y ~ x, binomial, d, weights = n))
  counts <- transform(d, y = y * n, rest = (1 - y) * n)
  expect_same_fit(glmpp(cbind(y, rest) ~ x, binomial, chunks_of(counts, 3)), glmpp(cbind(y, rest) ~ x, binomial, counts))
  expect_error(glmpp(y ~ x, binomial, chunks_of(transform(d, n = 0), 5), weights = n), "No row has any weight",
               class = "glmpp_error_weights")
})
