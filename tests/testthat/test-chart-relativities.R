set.seed(12)
claims <- data.frame(x = rnorm(500), region = factor(sample(c("N", "S", "W"), 500, TRUE), c("S", "N", "W")), fuel = sample(c("d", "p"), 500, TRUE),
                     young = runif(500) < 0.3, e = runif(500, 0.2, 1))
claims$n <- rpois(500, claims$e * exp(0.2 * claims$x + (claims$region == "N") / 2 - (claims$fuel == "p") / 3))
fit <- glmpp(n ~ x + region + fuel + young + offset(log(e)), poisson, claims)
plain <- glm(n ~ x + region + fuel + young + offset(log(e)), poisson, claims, epsilon = 1e-14)

test_that("relativities are the exponentials of the coefficients, with their Wald intervals", {
  data <- relativities(fit, level = 0.9)$data
  expect_identical(data$term, rep(c("region", "fuel", "young"), c(3, 2, 2)))
  expect_identical(data$level, c("S", "N", "W", "d", "p", "FALSE", "TRUE"))
  expect_identical(data$is_base, data$level %in% c("S", "d", "FALSE"))
  others <- data[!data$is_base, ]
  theirs <- exp(cbind(coef(plain), confint.default(plain, level = 0.9)))[c("regionN", "regionW", "fuelp", "youngTRUE"), ]
  expect_equal(unname(as.matrix(others[c("relativity", "lower", "upper")])), unname(theirs), tolerance = 1e-6)
  expect_identical(data$relativity[data$is_base], c(1, 1, 1))
  expect_true(all(is.na(data[data$is_base, c("lower", "upper")])))
  expect_equal(relativities(plain, level = 0.9)$data, data, tolerance = 1e-6)
  expect_match(relativities(fit)$notes, "no factors: x", all = FALSE)
})

test_that("rows, exposure, claims and observed relativities are those of counting", {
  data <- relativities(fit)$data[1:3, ]
  of <- function(values) as.vector(tapply(values, claims$region, sum))
  expect_equal(data$rows, as.vector(table(claims$region)))
  expect_equal(data$exposure, of(claims$e))
  expect_equal(data$response, of(claims$n))
  means <- of(claims$n) / of(claims$e)
  expect_equal(data$observed, means / means[1])
  expect_equal(relativities(fit, claims)$data, relativities(fit)$data)
  expect_equal(relativities(fit, exposure = rep(1, 500))$data$exposure, as.numeric(relativities(fit)$data$rows))
  half <- relativities(fit, claims[claims$region != "W", ])$data
  expect_identical(half$rows[3], 0L)
  expect_identical(half$relativity, relativities(fit)$data$relativity)
})

test_that("the coding of a factor changes nothing but the base", {
  data <- relativities(fit)$data
  for (contrast in c("contr.sum", "contr.helmert", "contr.SAS", "contr.poly")) {
    coded <- glmpp(n ~ x + region + fuel + young + offset(log(e)), poisson, claims, contrasts = list(region = contrast))
    expect_equal(relativities(coded, base = c(region = "S"))$data, data, tolerance = 1e-6, info = contrast)
  }
  without <- glmpp(n ~ 0 + region + x + fuel + young + offset(log(e)), poisson, claims)
  expect_equal(relativities(without)$data, data, tolerance = 1e-6)
  expect_identical(relativities(glmpp(n ~ region, poisson, claims, contrasts = list(region = "contr.SAS")))$data$is_base, c(FALSE, FALSE, TRUE))
  releveled <- glmpp(n ~ x + relevel(region, "W") + fuel + young + offset(log(e)), poisson, claims)
  moved <- relativities(fit, base = c(region = "W"))$data
  theirs <- relativities(releveled)$data
  expect_equal(moved[match(theirs$level[1:3], moved$level[1:3]), -1], theirs[1:3, -1], tolerance = 1e-6, ignore_attr = "row.names")
  largest <- relativities(fit, base = "largest")$data
  expect_identical(largest$level[largest$is_base], unname(tapply(seq_len(7), factor(largest$term, unique(largest$term)), function(i) {
    largest$level[i][which.max(largest$exposure[i])]
  })[1:3]), ignore_attr = TRUE)
})

test_that("odds are observed as odds, and a chosen covariance makes the intervals", {
  odds <- glmpp(am ~ factor(gear > 3) + wt, binomial, transform(mtcars, am = rep(0:1, 16)))
  data <- relativities(odds)$data
  share <- tapply(rep(0:1, 16), mtcars$gear > 3, mean)
  expect_equal(data$observed[2], unname(share[2] / (1 - share[2]) * (1 - share[1]) / share[1]))
  robust <- relativities(fit, vcov = "HC1")
  error <- sqrt(diag(vcov(fit, type = "HC1")))[c("regionN", "regionW")]
  expect_equal(robust$data$upper[2:3], unname(exp(coef(fit)[names(error)] + qnorm(0.975) * error)))
  expect_match(robust$title, "HC1")
  expect_equal(relativities(plain, vcov = vcov(plain))$data, relativities(plain)$data)
  expect_error(relativities(plain, vcov = "HC1"), class = "glmpp_error_argument")
})

test_that("aliased levels have no relativity", {
  doubled <- transform(claims, also = region)
  data <- relativities(suppressWarnings(glmpp(n ~ region + also, poisson, doubled)))$data
  expect_identical(is.na(data$relativity), c(rep(FALSE, 4), TRUE, TRUE))
})

test_that("without rows there are ratios, and counts by new rows", {
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  write.csv(transform(claims, region = as.character(region)), file, row.names = FALSE)
  far <- glmpp(n ~ x + factor(region, c("S", "N", "W")) + fuel + young + offset(log(e)), poisson, csv_chunks(file, rows = 200))
  data <- relativities(far)$data
  expect_true(all(is.na(data[c("rows", "exposure", "response", "observed")])))
  expect_equal(data[c("relativity", "lower", "upper")], relativities(fit)$data[c("relativity", "lower", "upper")], tolerance = 1e-6)
  expect_equal(relativities(far, claims)$data[-1], relativities(fit)$data[-1], tolerance = 1e-6)
  lean <- glmpp(n ~ x + region + fuel + young + offset(log(e)), poisson, claims, keep = "summary")
  expect_equal(relativities(lean)$data$relativity, relativities(fit)$data$relativity)
  expect_equal(relativities(lean, claims)$data, relativities(fit)$data)
})

test_that("what has no relativities is refused with the way on", {
  expect_error(relativities(glmpp(mpg ~ factor(cyl), gaussian, mtcars)), "gaussian\\(\"log\"\\)", class = "glmpp_error_link")
  expect_error(relativities(glmpp(n ~ x, poisson, claims)), "no factor", class = "glmpp_error_argument")
  expect_error(relativities(glmpp(Species ~ Sepal.Width, ordinal(), iris)), "coefficient_intervals", class = "glmpp_error_categories")
  expect_error(relativities(fit, base = c(region = "Q")), "They are S, N, W", class = "glmpp_error_argument")
  expect_error(relativities(fit, base = c(zone = "Q")), "no factor", class = "glmpp_error_argument")
  expect_error(relativities(fit, base = "S"), "largest", class = "glmpp_error_argument")
  expect_error(relativities("fit"), class = "glmpp_error_argument")
  expect_error(plot(relativities(fit), columns = 0), class = "glmpp_error_argument")
})

test_that("a long list is folded without losing a line, and no heading stands alone", {
  rows <- data.frame(label = letters[1:20], group = rep(c("u", "v", ""), c(9, 6, 5)), estimate = 1:20, lower = 0, upper = 21, open = FALSE)
  for (columns in 1:5) {
    folded <- glmpp:::fold_lines(glmpp:::with_headings(rows), columns)
    expect_equal(folded$estimate[!folded$heading], 1:20)
    last <- !duplicated(folded$column, fromLast = TRUE)
    expect_false(any(folded$heading[last]))
    expect_lte(max(folded$line), ceiling(22 / columns) + 2)
  }
  many <- transform(claims, class = factor(rep_len(1:60, 500)), n = n + 1)
  chart <- relativities(glmpp(n ~ class + region, poisson, many))
  pdf(NULL, width = 8, height = 5)
  on.exit(dev.off())
  expect_silent(plot(chart))
  expect_silent(plot(chart, columns = 1, xlim = c(0.1, 10), main = "mine"))
})

test_that("a level with one outcome has no finite relativity, and leaves the picture to the others", {
  set.seed(1)
  d <- data.frame(g = factor(rep(letters[1:4], each = 50)), x = rnorm(200))
  d$y <- rpois(200, ifelse(d$g == "c", 0, 1))
  fit <- suppressWarnings(glmpp(y ~ g + x, poisson, d))
  chart <- relativities(fit)
  of_c <- chart$data$level == "c"
  expect_identical(chart$data$relativity[of_c], 0)
  expect_true(is.na(chart$data$lower[of_c]) && is.na(chart$data$upper[of_c]))
  expect_match(chart$notes, "g c", all = FALSE)
  rest <- glm(y ~ g + x, poisson, d, subset = g != "c")
  expect_equal(chart$data$relativity[chart$data$level == "b"], exp(coef(rest)[["gb"]]), tolerance = 1e-6)
  expect_gt(min(forest_range(relativity_rows(chart), 1, TRUE)), 0.1)
  turned <- suppressWarnings(glmpp(y ~ g + x, poisson, d, contrasts = list(g = "contr.sum")))
  expect_identical(relativities(turned, base = c(g = "a"))$data$relativity[of_c], 0)
})
