"""The API's state on disk, so that a local cloud that is started again goes on from where it was.

``about`` says what a folder holds, ``store`` what is kept and when, ``pickling`` how objects of moto and of this
package are written and read, and large contents are ``bodies``.
"""
