rows <- remote_rows()

test_that("a fit to chunks is the fit to the rows, for every family and kind of term", {
  gaussian_log <- gaussian("log")
  models <- list(
    list(count ~ x * size + text, poisson),
    list(count ~ x + size:on + offset(log(exposure)), poisson),
    list(count ~ 0 + text + log(z) + I(z^2), quasipoisson),
    list(cbind(share, rest) ~ x + grade, binomial),
    list(answer ~ x + text, binomial("probit")),
    list(count > 1 ~ poly(x, 2, raw = TRUE) + on, quasibinomial),
    list(amount ~ x + splines::ns(z, knots = 2, Boundary.knots = c(1, 3)), Gamma("log")),
    list(amount ~ size, inverse.gaussian("log")),
    list(amount ~ x + size, gaussian_log),
    list(amount ~ 1, gaussian),
    list(count ~ x + size, MASS::negative.binomial(2))
  )
  for (model in models) {
    memory <- glmpp(model[[1]], model[[2]], rows)
    expect_same_fit(glmpp(model[[1]], model[[2]], chunks_of(rows, 90)), memory)
  }
})

test_that("weights, offset, subset and contrasts are evaluated within the chunks", {
  cap <- 1.5
  fit <- function(data) {
    glmpp(amount ~ x + size + text, Gamma("log"), data, weights = w + 1, offset = log(exposure), subset = x < cap,
          contrasts = list(size = "contr.sum", text = contr.helmert))
  }
  expect_same_fit(fit(chunks_of(rows, 64)), fit(rows))
  zero <- glmpp(count ~ x, poisson, rows, weights = w)
  expect_same_fit(glmpp(count ~ x, poisson, chunks_of(rows, 50), weights = w), zero)
})

test_that("any chunking gives the same numbers", {
  fits <- lapply(c(1, 7, 100, 400, 1000), function(size) glmpp(count ~ x + text, poisson, chunks_of(rows, size)))
  for (fit in fits[-1]) {
    expect_equal(coef(fit), coef(fits[[1]]), tolerance = 1e-13)
    expect_equal(vcov(fit), vcov(fits[[1]]), tolerance = 1e-13)
    expect_equal(deviance(fit), deviance(fits[[1]]), tolerance = 1e-14)
  }
})

test_that("a family that only R knows is called back chunk by chunk", {
  own <- poisson()
  own$linkinv <- function(eta) pmax(exp(eta), .Machine$double.eps) * 1
  memory <- glmpp(count ~ x, own, rows)
  remote <- glmpp(count ~ x, own, chunks_of(rows, 64))
  expect_equal(coef(remote), coef(memory), tolerance = 1e-10)
  expect_equal(deviance(remote), deviance(memory), tolerance = 1e-12)
})

test_that("aliased columns are those of the rows together", {
  both <- transform(rows, twice = 2 * z)
  memory <- glmpp(count ~ z + twice + text, poisson, both)
  remote <- glmpp(count ~ z + twice + text, poisson, chunks_of(both, 64))
  expect_true(is.na(coef(remote)[["twice"]]))
  expect_same_fit(remote, memory)
  expect_error(glmpp(count ~ z + twice, poisson, chunks_of(both, 64), singular.ok = FALSE), class = "glmpp_error_singular")
})

test_that("a high condition is met by blockwise QR", {
  shifted <- transform(rows, far = 1e6 + z)
  remote <- glmpp(count ~ far, poisson, chunks_of(shifted, 64))
  expect_equal(remote$solver$factorization, "qr")
  expect_same_fit(remote, glmpp(count ~ far, poisson, shifted), tolerance = 1e-7)
})

test_that("every solver and the ridge reach the same from chunks", {
  for (solver in list(newton(), lbfgs(), gradient_descent(), coordinate_descent())) {
    for (penalty in list(NULL, ridge(2))) {
      memory <- glmpp(amount ~ x + size, Gamma("log"), rows, solver = solver, penalty = penalty, trace = TRUE)
      remote <- glmpp(amount ~ x + size, Gamma("log"), chunks_of(rows, 64), solver = solver, penalty = penalty, trace = TRUE)
      expect_equal(coef(remote), coef(memory), tolerance = 1e-8)
      expect_equal(vcov(remote), vcov(memory), tolerance = 1e-8)
      expect_equal(remote$trace$deviance[1], memory$trace$deviance[1])
    }
  }
})

test_that("sgd() visits the rows of the chunks in their order", {
  complete <- remote_rows(1000)[-c(7, 997), ]
  solver <- sgd(learning_rate = 0.01, epochs = 2, shuffle = FALSE)
  memory <- glmpp(count ~ x + size, poisson, complete, solver = solver)
  remote <- glmpp(count ~ x + size, poisson, chunks_of(complete, 90), solver = solver)
  expect_equal(coef(remote), coef(memory), tolerance = 1e-12)
  shuffled <- glmpp(count ~ x + size, poisson, chunks_of(complete, 300), solver = sgd(epochs = 20, seed = 2))
  expect_equal(coef(shuffled), coef(glmpp(count ~ x + size, poisson, complete)), tolerance = 0.1)
})

test_that("large data start from a spread-out sample, which saves passes and changes nothing", {
  many <- remote_rows(90000)
  from_sample <- glmpp(count ~ x + size, poisson, chunks_of(many, 9000))
  from_means <- glmpp(count ~ x + size, poisson, chunks_of(many, 9000), start = rep(0, 4))
  expect_lt(from_sample$solver$passes, from_means$solver$passes)
  expect_same_fit(from_sample, glmpp(count ~ x + size, poisson, many))
})

test_that("the summary prints the same as that of the fit in memory", {
  for (family in list(poisson(), quasipoisson())) {
    expect_equal(summary_text(glmpp(count ~ x + size, family, chunks_of(rows, 64))),
                 summary_text(glmpp(count ~ x + size, family, rows)))
  }
})

test_that("robust covariances are those of sandwich", {
  skip_if_not_installed("sandwich")
  fit <- glmpp(count ~ x + size, poisson, chunks_of(rows, 64))
  plain <- stats::glm(count ~ x + size, poisson, rows, epsilon = 1e-14)
  for (type in c("HC0", "HC1")) {
    expect_equal(vcov(fit, type = type), sandwich::vcovHC(plain, type = type), tolerance = 1e-8)
    expect_equal(vcov(fit, type = type, cluster = ~id), sandwich::vcovCL(plain, ~id, type = type), tolerance = 1e-8)
  }
  expect_error(vcov(fit, type = "HC0", cluster = "id"), class = "glmpp_error_argument")
  expect_error(vcov(fit, type = "HC0", cluster = ~ ifelse(id > 3, id, NA)), class = "glmpp_error_cluster")
})

test_that("profile intervals are those of the likelihood ratio", {
  skip_if_not_installed("MASS")
  fit <- glmpp(count ~ x + size, poisson, chunks_of(rows, 64))
  plain <- stats::glm(count ~ x + size, poisson, rows, epsilon = 1e-12)
  expected <- suppressMessages(getS3method("confint", "glm", envir = asNamespace("MASS"))(plain))
  expect_equal(unclass(confint(fit, method = "profile")), expected, tolerance = 1e-3, ignore_attr = TRUE)
  # The definition itself, to more digits than interpolation gives.
  limit <- confint(fit, "x", method = "profile")[[2]]
  held <- glmpp(count ~ size + offset(limit * x), poisson, rows, subset = !is.na(x))
  expect_equal(deviance(held) - deviance(fit), qchisq(0.95, 1), tolerance = 1e-6)
  expect_equal(unclass(confint(fit)), stats::confint.default(plain), tolerance = 1e-7, ignore_attr = TRUE)
})

test_that("models are compared as by anova.glm()", {
  rows <- rows[-7, ]
  large <- glmpp(amount ~ x + size, Gamma("log"), chunks_of(rows, 64))
  small <- update(large, . ~ x)
  plain <- stats::glm(amount ~ x + size, Gamma("log"), rows, epsilon = 1e-14)
  expected <- stats::anova(stats::update(plain, . ~ x), plain, test = "F")
  expect_equal(as.matrix(anova(small, large)), as.matrix(expected), tolerance = 1e-7, ignore_attr = TRUE)
  expect_equal(as.matrix(anova(large)), as.matrix(stats::anova(plain, test = "F")), tolerance = 1e-7, ignore_attr = TRUE)
  expect_equal(as.matrix(drop1(large, test = "F")), as.matrix(stats::drop1(plain, test = "F")), tolerance = 1e-7, ignore_attr = TRUE)
  other <- glmpp(amount ~ text, Gamma("log"), chunks_of(rows[-1, ], 64))
  expect_error(anova(other, large), class = "glmpp_error_parts")
})

test_that("tidy() and glance() give what broom gives of a glm", {
  skip_if_not_installed("broom")
  fit <- glmpp(count ~ x + size, poisson, chunks_of(rows, 64))
  plain <- stats::glm(count ~ x + size, poisson, rows, epsilon = 1e-14)
  expect_equal(as.data.frame(generics::tidy(fit)), as.data.frame(generics::tidy(plain)), tolerance = 1e-7)
  expect_equal(as.data.frame(generics::glance(fit)), as.data.frame(generics::glance(plain)), tolerance = 1e-10)
  ratios <- generics::tidy(fit, conf.int = TRUE, exponentiate = TRUE)
  expect_equal(ratios$conf.low, unname(exp(confint(fit)[, 1])))
})

test_that("new rows are predicted as by a fit in memory, all at once or chunk by chunk", {
  fit <- glmpp(count ~ x * size + offset(log(exposure)), poisson, chunks_of(rows, 64))
  memory <- glmpp(count ~ x * size + offset(log(exposure)), poisson, rows)
  whole <- predict(memory, rows, type = "response", se.fit = TRUE)
  expect_equal(predict(fit, rows, type = "response", se.fit = TRUE), whole, tolerance = 1e-10)
  parts <- predict(fit, chunks_of(rows, 90), type = "response", se.fit = TRUE)
  expect_equal(parts$fit, unname(whole$fit), tolerance = 1e-10)
  expect_equal(parts$se.fit, unname(whole$se.fit), tolerance = 1e-10)
  file <- new_file()
  expect_equal(predict(fit, chunks_of(rows, 90), into = file), nrow(rows))
  expect_equal(utils::read.csv(file)$fit, unname(predict(memory, rows)), tolerance = 1e-8)
  expect_error(predict(fit, chunks_of(rows, 90), into = file), class = "glmpp_error_argument")
  seen <- 0
  predict(fit, chunks_of(rows, 90), into = function(prediction, part) seen <<- seen + length(prediction))
  expect_equal(seen, nrow(rows))
})

test_that("what needs rows is refused by a classed error", {
  fit <- glmpp(count ~ x, poisson, chunks_of(rows, 64))
  for (verb in list(residuals, fitted, weights, model.frame, model.matrix, plot, influence, hatvalues, cooks.distance,
                    rstandard, rstudent, dfbeta, dfbetas, simulate, predict, as.glm, side_by_side,
                    function(fit) fit$residuals, function(fit) fit[["y"]], function(fit) predict(fit, rows, type = "terms"))) {
    expect_error(verb(fit), class = "glmpp_error_rows")
  }
})

test_that("responses of several categories are refused before any work", {
  expect_error(glmpp(size ~ x, multinomial(), chunks_of(rows, 64)), class = "glmpp_error_family")
})

test_that("levels that chunks hold apart are put together", {
  sorted <- rows[order(rows$text, rows$size), ]
  parts <- lapply(split(sorted, sort(rep(1:8, length.out = nrow(sorted)))), function(part) transform(part, text = factor(text)))
  k <- 0
  source <- chunks(function(reset) if (reset) k <<- 0 else if (k < 8) parts[[k <<- k + 1]])
  expect_same_fit(glmpp(count ~ text + size, poisson, source), glmpp(count ~ text + size, poisson, sorted))
  numbers <- transform(rows, code = sample(c(2, 10, 33), 400, TRUE))
  numbers <- numbers[order(-numbers$code), ]
  expect_equal(names(coef(glmpp(count ~ factor(code), poisson, chunks_of(numbers, 50)))),
               names(coef(glmpp(count ~ factor(code), poisson, numbers))))
  one <- transform(rows, text = "a")
  expect_error(glmpp(count ~ text, poisson, chunks_of(one, 50)), class = "glmpp_error_levels")
})

test_that("the response's levels are those of all chunks", {
  sorted <- rows[order(rows$answer), ]
  parts <- lapply(split(sorted, sort(rep(1:5, length.out = nrow(sorted)))), droplevels)
  k <- 0
  source <- chunks(function(reset) if (reset) k <<- 0 else if (k < 5) parts[[k <<- k + 1]])
  expect_same_fit(glmpp(answer ~ x, binomial, source), glmpp(answer ~ x, binomial, sorted))
})

test_that("errors say in which chunk, and what the remedy is", {
  parts <- list(rows[1:100, ], transform(rows[101:200, ], z = as.character(z)))
  k <- 0
  source <- chunks(function(reset) if (reset) k <<- 0 else if (k < 2) parts[[k <<- k + 1]])
  expect_error(glmpp(count ~ z, poisson, source), "chunk 2", class = "glmpp_error_parts")
  infinite <- transform(rows, z = replace(z, 150, Inf))
  expect_error(glmpp(count ~ z, poisson, chunks_of(infinite, 100)), "In chunk 2", class = "glmpp_error_infinite")
  negative <- transform(rows, count = replace(count, 250, -1))
  expect_error(glmpp(count ~ z, poisson, chunks_of(negative, 100)), "In chunk 3", class = "glmpp_error_response")
  expect_error(glmpp(count ~ z, poisson, chunks_of(rows, 100), na.action = na.fail, subset = is.na(x)), NA)
  expect_error(glmpp(count ~ x, poisson, chunks_of(rows, 100), na.action = na.fail), "In chunk 1", class = "glmpp_error_missing")
  expect_error(glmpp(count ~ x, poisson, chunks_of(rows[0, ], 100)), class = "glmpp_error_no_rows")
  expect_error(glmpp(count ~ x, poisson, chunks(function(reset) 1)), class = "glmpp_error_parts")
  expect_error(chunks(1), class = "glmpp_error_argument")
})

test_that("data that change between passes are noticed", {
  passes <- 0
  k <- 0
  source <- chunks(function(reset) {
    if (reset) {
      passes <<- passes + 1
      k <<- 0
      return(NULL)
    }
    if (k == 1) return(NULL)
    k <<- 1
    if (passes > 1) transform(rows, text = paste0(text, "!")) else rows
  })
  expect_error(glmpp(count ~ text, poisson, source), "new levels", class = "glmpp_error_levels")
})

test_that("means at the end of their range are said where the rows are separated", {
  set.seed(2)
  apart <- data.frame(x = c(runif(50), 2 + runif(50)), y = rep(0:1, each = 50))
  expect_warning(suppressWarnings(fit <- glmpp(y ~ x, binomial, chunks_of(apart, 30)), "glmpp_warning_convergence"),
                 class = "glmpp_warning_separation")
  expect_equal(fit$separation$rows, list(count = 100, first = 1:10))
})

test_that("the user's random numbers are left alone", {
  set.seed(5)
  before <- .Random.seed
  glmpp(count ~ x, poisson, chunks_of(rows, 64))
  expect_identical(.Random.seed, before)
})

test_that("what would keep rows is refused before any pass", {
  never <- chunks(function(reset) stop("a pass was made"))
  expect_error(glmpp(count ~ x, poisson, never, x = TRUE), "`x = TRUE` needs the rows", class = "glmpp_error_rows")
  expect_error(glmpp(count ~ x, poisson, never, method = "model.frame"), "needs the rows", class = "glmpp_error_rows")
  expect_error(glmpp(count ~ x, poisson, never, keep = "everything"), class = "glmpp_error_argument")
})
